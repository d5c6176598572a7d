/* loss.c - Bayes' rule with a Beta prior: the rate of loss is never known, least of all in the first second. */
#include "harness/run/loss.h"

#include <math.h>

/* Before anything is seen: a rate about 5 %, and 10 % is nothing strange. Weak: ten exchanges weigh as much. */
#define PRIOR_LOST 0.5
#define PRIOR_KEPT 9.5

/* The rate p has the density Beta(lost, kept), and E[p^n] is the product of (lost + i) / (lost + kept + i). */
double loss_explains(const struct loss *loss, unsigned tries)
{
	double lost = (double)loss->lost + PRIOR_LOST;
	double all = (double)loss->exchanges + PRIOR_LOST + PRIOR_KEPT;
	double chance = 1;

	for (unsigned i = 0; i < tries; i++)
		chance *= (lost + i) / (all + i);
	return chance;
}

static double log_beta(double a, double b)
{
	return lgamma(a) + lgamma(b) - lgamma(a + b);
}

/* E[p^k (1-p)^(n-k)] is a quotient of two Beta functions. */
double loss_explains_some(const struct loss *loss, unsigned lost, unsigned tries)
{
	double a = (double)loss->lost + PRIOR_LOST;
	double b = (double)(loss->exchanges - loss->lost) + PRIOR_KEPT;
	double ways = 1, chance = 0;

	for (unsigned k = 0; k <= tries; k++) {
		if (k >= lost)
			chance += ways * exp(log_beta(a + k, b + tries - k) - log_beta(a, b));
		ways *= (double)(tries - k) / (k + 1);
	}
	return chance;
}

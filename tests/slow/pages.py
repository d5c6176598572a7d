#!/usr/bin/env python3
"""pages.py FOLDER: its pages in a browser."""
import sys
import time

sys.dont_write_bytecode = True
from browser import Browser  # noqa: E402

FOLDER = sys.argv[1]
browser = Browser()


def check(name, holds, got=""):
    print(f"{'ok' if holds else 'not ok'} - {name}" + ("" if holds else f": {got}"), flush=True)


def same(name, got, wanted):
    check(name, got == wanted, f"got {got!r}, wanted {wanted!r}")


def until(script, seconds=5):
    end = time.monotonic() + seconds
    while not browser.run(script) and time.monotonic() < end:
        time.sleep(0.05)
    return browser.run(script)


def open_page(name, fragment=""):
    browser.open(f"file://{FOLDER}/{name}.html{fragment}")


def cells():
    open_page("cells")
    same("every cell is counted", browser.run("document.getElementById('count').textContent"), "3520 cells")
    same("the map has a button for each state and segment", browser.run("document.querySelectorAll('.heat button').length"), 110)
    same("the totals are at the top", browser.run("document.querySelector('#totals + #app') !== null"), True)
    unnamed = "[...document.querySelectorAll('button')].filter(b => !(b.getAttribute('aria-label') || b.textContent)).length"
    same("every button has a name", browser.run(unnamed), 0)
    same("every field has a label", browser.run("[...document.querySelectorAll('input,select')].filter("
                                                "f => !document.querySelector(`label[for=${f.id}]`)).length"), 0)
    browser.run("document.querySelector('.heat button[aria-label^=\"time-wait, syn:\"]').click()")
    same("a click on the map filters", browser.run("document.getElementById('count').textContent"), "32 of 3520 cells")
    same("one grid is left", browser.run("document.querySelectorAll('#grids .grid').length"), 1)
    browser.run("document.querySelector('.cells button').focus()")
    browser.key("Enter", 13)
    same("Enter opens the cell", until("document.getElementById('one').open"), True)
    name = browser.run("document.getElementById('one-name').textContent")
    check("it is the first one", name.startswith("time-wait/syn/seq-below/ts-below"), name)
    same("it has its ladder", browser.run("document.querySelectorAll('#one .ladder .m').length"), 2)
    text = browser.run("document.getElementById('one').textContent")
    check("and what the books say, with citations", "[tcp_timewait_state_process()" in text and "RFC 9293" in text, text)
    check("no place of a number is empty", "…" not in text and "\\" not in text, text)
    same("and the command", browser.run("document.querySelector('#one .again code').textContent"), f"twprobe {name}")
    same("its name is in the address", browser.run("decodeURI(location.hash)"), f"#{name}")
    browser.key("ArrowRight", 39)
    other = browser.run("document.getElementById('one-name').textContent")
    check("an arrow key goes to the next", other != name and other.startswith("time-wait/syn/"), other)
    browser.key("Escape", 27)
    same("Escape closes it", until("!document.getElementById('one').open"), True)
    browser.run("[...document.querySelectorAll('.filters button')].find(b => b.textContent === 'Clear').click()")
    same("the filters are cleared", browser.run("document.getElementById('count').textContent"), "3520 cells")
    browser.run("const f = document.getElementById('f-text'); f.value = 'close-wait/data/ otherwise'; "
                "f.dispatchEvent(new Event('input', { bubbles: true }))")
    until("document.getElementById('count').textContent.includes(' of ')")
    names = browser.run("[...document.querySelectorAll('.cells button')].map(b => b.getAttribute('aria-label'))")
    check("a search finds words of the name and of what is said",
          0 < len(names) < 32 and all(name.startswith("close-wait/data/") and "marked" in name for name in names), names)
    open_page("cells", "#time-wait/syn/seq-below/ts-above")
    same("an address opens its cell", until("document.getElementById('one').open && "
                                            "document.getElementById('one-name').textContent"),
         "time-wait/syn/seq-below/ts-above")


def looks():
    open_page("cells")
    light = browser.run("getComputedStyle(document.body).backgroundColor")
    browser.scheme("dark")
    dark = browser.run("getComputedStyle(document.body).backgroundColor")
    check("dark where the browser is", light == "rgb(255, 255, 255)" and dark != light, f"{light} {dark}")
    browser.scheme("light")
    for name in ("cells", "atlas", "scenario", "scenarios", "one", "map", "capture"):
        browser.size(360, 740, True)
        open_page(name)
        same(f"{name}: 360 pixels are enough", browser.run("document.documentElement.scrollWidth"), 360)
        browser.picture(f"{FOLDER}/{name}-narrow.png")
        browser.size(1280, 900)
        open_page(name)
        browser.pdf(f"{FOLDER}/{name}.pdf")
        with open(f"{FOLDER}/{name}.pdf", "rb") as file:
            check(f"{name}: it prints", file.read(5) == b"%PDF-")
    browser.size(360, 740, True)
    open_page("cells", "#time-wait/syn/seq-below/ts-above")
    until("document.getElementById('one').open")
    same("a cell fits as well", browser.run("document.getElementById('one').scrollWidth"), 360)
    browser.size(1280, 900)


def others():
    open_page("atlas")
    before = browser.run("document.querySelector('.cells button').textContent")
    check("a comparison has the newest kernel's answers", bool(before), before)
    browser.run("document.querySelector('.texts a').click()")
    same("a link of a group opens its cell", until("document.getElementById('one').open"), True)
    seen = browser.run("document.querySelector('#one dl').textContent")
    check("it says what each kernel answered", "5.10." in seen and "7." in seen and "paths" in seen, seen)
    open_page("scenarios")
    wanted = browser.run("document.querySelectorAll('section h2').length")
    check("scenarios have contents", wanted > 20 and browser.run("document.querySelectorAll('nav a').length") == wanted, wanted)
    same("before the scenarios, with each verdict", browser.run(
        "[...document.querySelectorAll('nav li b')].every(b => /^(agrees|skipped|inconclusive|differs)$/.test(b.textContent))"), True)
    browser.run("document.querySelector('nav a').click()")
    same("a link of it leads there", browser.run("location.hash.slice(1) === document.querySelector('section').id"), True)
    open_page("one")
    same("one cell is open at once", until("document.getElementById('one').open && document.getElementById('one-name').textContent"),
         "time-wait/syn/seq-below/ts-above")
    open_page("map")
    browser.run("document.getElementById('paper').focus()")
    browser.key("ArrowRight", 39)
    text = browser.run("document.getElementById('note').textContent")
    check("the arrow keys tell a map's cell", text.startswith("seq +") and ": " in text, text)
    same("and show where it is", browser.run("document.getElementById('point').hidden"), False)
    same("a map has a name and its counts", browser.run("document.querySelectorAll('h1, .kinds .n').length > 5"), True)
    open_page("cut")
    text = browser.run("document.body.textContent")
    check("a page that was cut off says so", "This page is not whole" in text, text[-200:])
    check("and shows what there is", browser.run("document.querySelectorAll('.cells button').length") > 50)
    open_page("evil")
    same("a file's words are words", browser.run("document.querySelectorAll('img').length + document.scripts.length"), 2)
    check("and are shown", "onerror" in browser.run("document.querySelector('h1').textContent"))


try:
    browser.size(1280, 900)
    cells()
    looks()
    others()
    same("nothing was said on the console", browser.complaints, [])
finally:
    browser.close()

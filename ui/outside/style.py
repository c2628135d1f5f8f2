"""What the pages of questions that go outside look like, besides what all pages do."""

from typing import Final

CSS: Final = """<style>
.mun-beside section {margin-bottom: .9rem;}
h3.mun-piece {font-size: .95rem; font-weight: 650; padding: 0; margin: 0 0 .3rem;}
.mun-two {display: grid; grid-template-columns: 1fr 1fr; gap: .6rem;}
@media (max-width: 760px) {.mun-two {grid-template-columns: 1fr;}}
.mun-side {border: 1px solid color-mix(in srgb, currentColor 22%, transparent); border-radius: .5rem;
  padding: .5rem .8rem .7rem; min-width: 0;}
.mun-side + .mun-side {border-color: #6a4fa3; border-left-width: 4px;}
.mun-side-head {font-size: .78rem; font-weight: 650; opacity: .8; margin-bottom: .25rem;}
.mun-piece-text {line-height: 1.6; font-size: .95rem; max-height: 18rem; overflow: auto;}
.mun-put {text-decoration: none; border-radius: 3px; padding: .05em .2em; font-weight: 600;}
del.mun-put {background: color-mix(in srgb, #b3353b 24%, transparent); box-shadow: inset 0 -2px #b3353b;}
ins.mun-put {background: color-mix(in srgb, #2b8079 26%, transparent); box-shadow: inset 0 -2px #2b8079;}
.mun-put sup {font-size: .68em; margin-left: .15em;}
.mun-verdict {border: 1px solid currentColor; border-left-width: 5px; border-radius: .5rem; padding: .7rem 1rem;
  line-height: 1.5; margin: .3rem 0;}
.mun-verdict ul {margin: .4rem 0 0; padding-left: 1.1rem; font-size: .92rem;}
.mun-yes {border-color: #2b8079; background: color-mix(in srgb, #2b8079 10%, transparent);}
.mun-maybe {border-color: #c28a1e; background: color-mix(in srgb, #c28a1e 10%, transparent);}
.mun-never {border-color: #b3353b; background: color-mix(in srgb, #b3353b 10%, transparent);}
.mun-rule {font-size: .8em; overflow-wrap: anywhere;}
.mun-state {margin: .3rem 0;}
.mun-dl {display: grid; grid-template-columns: max-content 1fr; gap: .2rem .9rem; margin: .4rem 0;
  padding: 0 !important; font-size: .92rem;}
.mun-dl dt {font-weight: 650; margin: 0;}
.mun-dl dd {margin: 0; min-width: 0; overflow-wrap: anywhere;}
@media (max-width: 480px) {.mun-dl {grid-template-columns: 1fr;} .mun-dl dd {margin-bottom: .35rem;}}
.mun-bytes {font-family: monospace; font-size: .8rem; line-height: 1.5; max-height: 18rem; overflow: auto;
  border: 1px solid color-mix(in srgb, currentColor 22%, transparent); border-radius: .5rem; padding: .6rem .8rem;}
.mun-outside {border: 1px solid #6a4fa3; border-left-width: 6px; border-radius: .5rem; padding: .8rem 1rem;
  background: color-mix(in srgb, #6a4fa3 9%, transparent); margin: .5rem 0;}
h2.mun-sub {font-size: 1.15rem; line-height: 1.3; padding: 0; margin: .6rem 0 .3rem; overflow-wrap: anywhere;}
.mun-earlier {border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent); padding: .45rem 0;}
.mun-wait {font-weight: 650; margin: .3rem 0;}
.mun-from {font-size: .82rem; font-weight: 700; margin-bottom: .4rem;}
</style>"""

"""How the portal looks: the one sheet of style that every page begins with."""

from typing import Final

CSS: Final = """<style>
[data-testid="stMainBlockContainer"] {padding-top: 3.75rem;}
[data-testid="stLayoutWrapper"]:has(> .st-key-banner) {position: sticky; top: 3.25rem; z-index: 90;}
.mun-banner {background: #a51d24; color: #fff; padding: .5rem .9rem; border-radius: .5rem; font-weight: 600;}
button[role="radio"][aria-checked="true"], button[role="checkbox"][aria-checked="true"] {color: inherit !important;}
.mun-brand {font-size: 1.3rem; font-weight: 700;}
.st-key-everybody {display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr));}
.st-key-foot {border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding-top: .8rem;
  margin-top: .8rem;}
.st-key-idle {background: #7d4a00; color: #fff; border-radius: .5rem; max-height: 0; overflow: hidden;
  visibility: hidden;}
.st-key-idle button {background: transparent; color: #fff; border-color: #fff;}
.st-key-idle button:hover, .st-key-idle button:focus-visible {background: #fff; color: #7d4a00;}
.mun-away {position: fixed; inset: 0; z-index: 999999; visibility: hidden; display: grid; place-items: center;
  padding: 1rem; background: #fbfaf7;}
@media (prefers-color-scheme: dark) {.mun-away {background: #151a1a;}}
.mun-answer {font-size: 1.06rem; line-height: 1.65;}
.mun-said {white-space: pre-wrap; overflow-wrap: anywhere;}
.mun-mark {display: inline-block; font-size: .72rem; font-weight: 700; line-height: 1; padding: .2em .42em;
  margin: 0 .1em 0 .25em; border-radius: .45em; vertical-align: .25em;
  background: color-mix(in srgb, #2b8079 22%, transparent); color: inherit;}
.mun-note, .mun-meta {font-size: .86rem; opacity: .78;}
.mun-meta {overflow-wrap: anywhere;}
.mun-title {font-weight: 650; overflow-wrap: anywhere;}
.mun-quote {margin: .4rem 0 0; padding: .1rem 0 .1rem .8rem; border-left: 3px solid color-mix(in srgb, currentColor 25%,
  transparent); font-size: .95rem; line-height: 1.5; max-height: 9rem; overflow: auto;}
.mun-no {border: 1px solid #c28a1e; border-left-width: 5px; border-radius: .5rem; padding: .8rem 1rem;
  background: color-mix(in srgb, #c28a1e 11%, transparent); line-height: 1.55;}
.mun-wrong {border: 1px solid #b3353b; border-left-width: 5px; border-radius: .5rem; padding: .8rem 1rem;
  background: color-mix(in srgb, #b3353b 11%, transparent); line-height: 1.55;}
.st-key-emergency {background: #7d4a00; color: #fff; padding: .5rem .9rem; border-radius: .5rem;}
.st-key-emergency button {background: transparent; color: #fff; border-color: #fff;}
.st-key-emergency button:hover, .st-key-emergency button:focus-visible {background: #fff; color: #7d4a00;}
.mun-open, .mun-over {display: block; overflow: hidden; font-weight: 600;}
.mun-open {max-height: 12rem; animation: mun-ends 1ms linear forwards;}
.mun-over {max-height: 0; visibility: hidden; animation: mun-begins 1ms linear forwards;}
@keyframes mun-ends {to {max-height: 0; visibility: hidden;}}
@keyframes mun-begins {to {max-height: 12rem; visibility: visible;}}
.st-key-watch, .st-key-waits, [class*="st-key-own-"] {border: 1px solid #c28a1e;
  border-left-width: 5px; border-radius: .5rem; padding: .5rem 1rem;
  background: color-mix(in srgb, #c28a1e 11%, transparent);}
.mun-late {color: #b3353b; border-color: #b3353b; font-weight: 650;}
.mun-urgent {display: inline-block; font-size: .86rem; font-weight: 600; border-left: 4px solid #c28a1e;
  padding: .1rem .7rem; margin-bottom: .3rem; background: color-mix(in srgb, #c28a1e 14%, transparent);}
.mun-way {display: inline-block; padding: .5rem 1.1rem; border-radius: .5rem; background: #1f5f5b;
  color: #fff !important; text-decoration: none !important; font-weight: 600; margin-top: .6rem;}
.mun-way:hover, .mun-way:focus-visible {background: #2b8079;}
.mun-quiet {background: transparent; color: inherit !important; border: 1px solid currentColor;}
.mun-quiet:hover, .mun-quiet:focus-visible {background: color-mix(in srgb, currentColor 12%, transparent);}
.mun-facts {margin: .35rem 0;}
.mun-old {margin-top: .7rem;}
.mun-no b, .mun-wrong b {display: block; margin-bottom: .2rem;}
.mun-word {display: inline-block; border: 1px solid color-mix(in srgb, currentColor 35%, transparent);
  border-radius: .8em; padding: 0 .6em; margin: .15em .3em .15em 0; font-size: .88rem;}
.mun-page {position: relative; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); line-height: 0;
  background: #fff; border-radius: .3rem; overflow: hidden;}
.mun-page img {width: 100%; height: auto;}
.mun-box {position: absolute; background: rgba(255, 205, 40, .38); outline: 2px solid rgba(190, 130, 0, .85);
  border-radius: 2px; mix-blend-mode: multiply;}
.mun-text {white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.65; padding: 1.1rem 1.3rem;
  border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: .5rem;}
.mun-text mark {background: rgba(255, 205, 40, .42); color: inherit; padding: .1em 0; border-radius: 2px;
  box-shadow: 0 0 0 2px rgba(255, 205, 40, .42); -webkit-box-decoration-break: clone; box-decoration-break: clone;}
.mun-group {font-size: .8rem; font-weight: 650; opacity: .78; margin: .5rem 0 -.4rem;}
h1.mun-head {font-size: 1.6rem; line-height: 1.25; padding: 0; margin: .2rem 0 .4rem; overflow-wrap: anywhere;}
.mun-badge {display: inline-block; font-size: .82rem; padding: .1em .6em; margin: .1em .35em .1em 0;
  border-radius: .8em; border: 1px solid color-mix(in srgb, currentColor 30%, transparent);}
</style>"""

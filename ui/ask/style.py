"""What the pages of questions look like, besides what all pages do."""

from typing import Final

CSS: Final = """<style>
.mun-hidden {position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;}
.mun-foreign {border: 1px solid #6a4fa3; border-left-width: 6px; border-radius: .5rem; padding: .7rem 1rem;
  background: color-mix(in srgb, #6a4fa3 9%, transparent);}
.mun-foreign-head {font-size: .82rem; font-weight: 700; margin-bottom: .35rem;}
.mun-queue {font-weight: 600; padding: .2rem 0;}
.mun-topic {line-height: 1.4;}
.mun-no ul {margin: .35rem 0 0; padding-left: 1.2rem;}
.mun-no .mun-words {margin: .35rem 0;}
.mun-sheet {background: #fff; color: #1f2423; border-radius: .3rem; padding: 1.6rem 1.8rem; min-height: 22rem;
  box-shadow: 0 1px 6px rgba(0, 0, 0, .22); border: 1px solid #d9d4c8; line-height: 1.6;}
.mun-sheet .mun-line {white-space: pre-wrap; overflow-wrap: anywhere; min-height: .6em;}
.mun-sheet table {border-collapse: collapse; margin: .4rem 0; font-size: .92rem;}
.mun-sheet td, .mun-sheet th {border: 1px solid #cfc9bb; padding: .25rem .6rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere;}
.mun-sheet mark {background: #ffe48a; color: inherit; padding: .1em 0;
  -webkit-box-decoration-break: clone; box-decoration-break: clone;}
.mun-slide {aspect-ratio: 16 / 10; font-size: 1.12rem; min-height: 0;}
@media (max-width: 480px) {.mun-sheet {padding: 1rem;} .mun-slide {aspect-ratio: auto;}}
.mun-stopped {display: none; padding-bottom: 1.2rem;}
[data-test-script-state="notRunning"] .mun-stopped {display: block;}
[data-test-script-state="notRunning"] [data-testid="stSpinner"] {display: none;}
.stButton kbd {color: inherit !important; opacity: .9;}
.mun-kept {font-size: .82rem; opacity: .8;}
</style>"""

"""How the officers' pages look, beside what every page looks like."""

from typing import Final

CSS: Final = """<style>
h2.mun-sub {font-size: 1.15rem; line-height: 1.3; padding: 0; margin: 1.1rem 0 .4rem; overflow-wrap: anywhere;}
.mun-scroll {overflow-x: auto; max-width: 100%;}
.mun-scroll:focus-visible {outline: 2px solid currentColor; outline-offset: 2px;}
.mun-table {border-collapse: collapse; width: 100%; font-size: .92rem; line-height: 1.45;}
.mun-table th {text-align: left; font-weight: 650; white-space: nowrap;}
.mun-table caption {text-align: left; font-size: .86rem; opacity: .8; padding: .2rem 0;}
.mun-table th, .mun-table td {padding: .32rem .7rem .32rem 0; vertical-align: top;
  border-bottom: 1px solid color-mix(in srgb, currentColor 16%, transparent);}
.mun-table .mun-number {text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap;}
.mun-table .mun-said {overflow-wrap: break-word;}
.mun-table .mun-id {display: block;}
.mun-table td:last-child:not(.mun-number) {min-width: 11rem;}
.mun-when {white-space: nowrap;}
.mun-yes, .mun-never, .mun-maybe {font-weight: 650;}
h3.mun-part {font-size: 1rem; padding: 0; margin: .8rem 0 .2rem;}
summary {cursor: pointer; padding: .2rem 0; min-height: 24px;}
.mun-big {font-size: 1.25rem; font-weight: 650; margin: .6rem 0 .2rem;}
.mun-list {margin: .2rem 0 .6rem; padding-left: 1.2rem; line-height: 1.5;}
.mun-code {font-family: ui-monospace, monospace; font-size: .84rem; line-height: 1.5; white-space: pre-wrap;
  overflow-wrap: anywhere; padding: .7rem .9rem; margin: .2rem 0 .8rem; border-radius: .5rem;
  border: 1px solid color-mix(in srgb, currentColor 22%, transparent);}
.mun-code ins, .mun-code del {text-decoration: none; display: block;}
.mun-code ins {background: color-mix(in srgb, #2b8079 24%, transparent);}
.mun-code del {background: color-mix(in srgb, #b3353b 20%, transparent);}
.mun-good {border: 1px solid #2b8079; border-left-width: 5px; border-radius: .5rem; padding: .8rem 1rem;
  background: color-mix(in srgb, #2b8079 11%, transparent); line-height: 1.55;}
.mun-good b {display: block; margin-bottom: .2rem;}
.mun-put {border-radius: .3em; padding: .05em .3em; background: color-mix(in srgb, #c28a1e 26%, transparent);
  outline: 1px solid color-mix(in srgb, #c28a1e 70%, transparent); -webkit-box-decoration-break: clone;
  box-decoration-break: clone;}
.mun-put del {text-decoration: none;}
</style>"""

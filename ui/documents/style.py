"""What the pages of documents look like, besides what all pages do."""

from typing import Final

CSS: Final = """<style>
.mun-row {display: grid; grid-template-columns: 2.2rem 1fr; gap: .2rem; align-items: start;}
.mun-no-of {font-size: .86rem; opacity: .78; padding-top: .15rem; text-align: right; padding-right: .5rem;}
.mun-bad {border-color: #b3353b; border-width: 2px; font-weight: 650;}
.mun-way-on {border-color: #2b8079; border-style: dashed;}
.mun-because {border-left: 4px solid #c28a1e; padding: .15rem .7rem; margin: .2rem 0 .4rem; font-weight: 600;}
.mun-dl {display: grid; grid-template-columns: max-content 1fr; gap: .2rem .9rem; margin: .4rem 0; padding: 0;
  font-size: .92rem;}
dl.mun-dl {margin-left: 0 !important; padding-left: 0 !important;}
.mun-dl dt {font-weight: 650; margin: 0;}
.mun-dl dd {margin: 0; min-width: 0; overflow-wrap: anywhere;}
@media (max-width: 480px) {.mun-dl {grid-template-columns: 1fr;} .mun-dl dd {margin-bottom: .35rem;}}
.mun-why {margin: .2rem 0; padding-left: 1.1rem; font-size: .92rem; line-height: 1.5;}
h2.mun-sub {font-size: 1.15rem; line-height: 1.3; padding: 0; margin: .6rem 0 .3rem; overflow-wrap: anywhere;}
.mun-scroll {overflow-x: auto;}
.mun-table {border-collapse: collapse; width: 100%; font-size: .92rem;}
.mun-table th, .mun-table td {text-align: left; vertical-align: top; padding: .45rem .7rem .45rem 0;
  border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent);}
.mun-table th:first-child {width: 16%;}
.mun-table th:nth-child(2) {width: 34%;}
.mun-table {table-layout: fixed; min-width: 34rem; overflow-wrap: anywhere;}
.mun-table thead th {font-size: .8rem; font-weight: 650;}
.mun-table .mun-why {padding-left: 1.2rem;}
.mun-wait {font-weight: 650; margin: .3rem 0;}
.mun-done {border: 1px solid #2b8079; border-left-width: 5px; border-radius: .5rem; padding: .7rem 1rem;
  background: color-mix(in srgb, #2b8079 10%, transparent); margin: .3rem 0;}
@media (max-width: 640px) {
  .mun-table {min-width: 0; display: block;}
  .mun-table thead {position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);}
  .mun-table tbody, .mun-table tr, .mun-table th, .mun-table td {display: block; width: auto !important;}
  .mun-table tr {border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent); padding: .3rem 0;}
  .mun-table th, .mun-table td {border: 0; padding: .15rem 0;}
}
</style>"""

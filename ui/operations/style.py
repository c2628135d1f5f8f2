"""What the operator's page looks like, besides what all pages do."""

from typing import Final

CSS: Final = """<style>
h2.mun-sub {font-size: 1.15rem; line-height: 1.3; padding: 0; margin: .8rem 0 .3rem;}
.mun-health {font-weight: 650; padding: .5rem .9rem; border-radius: .5rem; border: 1px solid; border-left-width: 5px;}
.mun-health.mun-well {background: color-mix(in srgb, #2b8079 10%, transparent);}
.mun-health.mun-ill {background: color-mix(in srgb, #b3353b 10%, transparent);}
.mun-parts {list-style: none; padding: 0 !important; margin: .6rem 0; display: grid; gap: .5rem;
  grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr));}
.mun-part {border: 1px solid; border-left-width: 4px; border-radius: .5rem; padding: .45rem .7rem; margin: 0;
  overflow-wrap: anywhere;}
.mun-well {border-color: #2b8079;}
.mun-ill {border-color: #b3353b;}
.mun-part div {font-size: .84rem; opacity: .82;}
.mun-tiles {display: grid; gap: .5rem; margin: .4rem 0; padding: 0 !important;
  grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr));}
.mun-tile {border: 1px solid color-mix(in srgb, currentColor 22%, transparent); border-radius: .5rem;
  padding: .45rem .8rem;}
.mun-tile dt {font-size: .84rem; opacity: .82; margin: 0; font-weight: 400;}
.mun-tile dd {margin: 0; font-size: 1.05rem; font-weight: 650; overflow-wrap: anywhere;}
.mun-tile dd div {font-size: .84rem; font-weight: 400; opacity: .82;}
.mun-scroll {overflow-x: auto;}
.mun-table {border-collapse: collapse; width: 100%; font-size: .9rem;}
.mun-table caption {text-align: left; font-size: .84rem; opacity: .82; padding: 0 0 .25rem; caption-side: top;}
.mun-table th, .mun-table td {text-align: left; padding: .28rem .6rem .28rem 0; vertical-align: top;
  border-bottom: 1px solid color-mix(in srgb, currentColor 16%, transparent); font-weight: 400;}
.mun-table thead th {font-weight: 650;}
</style>"""

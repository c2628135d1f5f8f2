"""`python -m appliance.cli`: the same as the installed `muniment`, for parts that are started without a PATH."""

from appliance.cli.main import main

main()

"""`python -m appliance.cli`: the same as the installed `muniment`, for parts that are started without a PATH."""

from appliance.cli.main import main

if __name__ == "__main__":  # the workers of the API import this module again, and must not run a command
    main()

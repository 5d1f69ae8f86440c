"""The command line: `entry` takes the arguments, one module a group of commands, `console` speaks to the person."""

# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_embsec_global_optspecs
    string join \n dir= config= database= o/output= json q/quiet v/verbose color= y/yes no-input h/help V/version
end

function __fish_embsec_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_embsec_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_embsec_using_subcommand
    set -l cmd (__fish_embsec_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c embsec -n "__fish_embsec_needs_command" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_needs_command" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_needs_command" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_needs_command" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_needs_command" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_needs_command" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_needs_command" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_needs_command" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_needs_command" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_needs_command" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_needs_command" -s V -l version -d 'Print version'
complete -c embsec -n "__fish_embsec_needs_command" -f -a "init" -d 'Make a deployment: configuration, keys and database in a folder of its own'
complete -c embsec -n "__fish_embsec_needs_command" -f -a "serve" -d 'Run the API'
complete -c embsec -n "__fish_embsec_needs_command" -f -a "keys" -d 'Make, show and look after the keys of a deployment'
complete -c embsec -n "__fish_embsec_needs_command" -f -a "migrate" -d 'Bring the schema up to date, move data in and out, encrypt what is in clear'
complete -c embsec -n "__fish_embsec_needs_command" -f -a "users" -d 'Create, show and manage the users of the API and their keys'
complete -c embsec -n "__fish_embsec_needs_command" -f -a "projects" -d 'Show projects, set what of them is sealed, delete them and bring them back'
complete -c embsec -n "__fish_embsec_needs_command" -f -a "backup" -d 'Make encrypted backups, look at them, thin them out, send them elsewhere'
complete -c embsec -n "__fish_embsec_needs_command" -f -a "restore" -d 'Restore a backup into an empty database or a new file'
complete -c embsec -n "__fish_embsec_needs_command" -f -a "restore-test" -d 'Restore a backup into a throwaway place, and prove that it means what it meant'
complete -c embsec -n "__fish_embsec_needs_command" -f -a "config" -d 'Show, check and describe the configuration'
complete -c embsec -n "__fish_embsec_needs_command" -f -a "completions" -d 'Print the completions of a shell'
complete -c embsec -n "__fish_embsec_needs_command" -f -a "man" -d 'Print a page of the manual'
complete -c embsec -n "__fish_embsec_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand init" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand init" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand init" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand init" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand init" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand init" -l dry-run -d 'Say what would be made, and make nothing'
complete -c embsec -n "__fish_embsec_using_subcommand init" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand init" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand init" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand init" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand init" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand serve" -l listen -d 'Listen on this address and port, instead of `serve.listen`' -r
complete -c embsec -n "__fish_embsec_using_subcommand serve" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand serve" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand serve" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand serve" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand serve" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand serve" -l init -d 'Make the deployment first where there is none'
complete -c embsec -n "__fish_embsec_using_subcommand serve" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand serve" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand serve" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand serve" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand serve" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -f -a "generate" -d 'Make a new secret'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -f -a "list" -d 'List the keys of the keyring and of the database'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -f -a "show" -d 'Show what is known of one key, or of all'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -f -a "retire" -d 'Keep a key, and use it for nothing new'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -f -a "destroy" -d 'Destroy a retired key, or one that was never used, for good'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -f -a "split" -d 'Split the keyring into shares for several holders'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -f -a "combine" -d 'Combine shares of a keyring and write it to a new file'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -f -a "escrow" -d 'Seal a copy of the keyring for recipients, to be kept apart from backups'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -f -a "recover" -d 'Put the keyring back from its escrow copy'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -f -a "drill" -d 'Prove that the keys could be recovered from the escrow copy or the shares'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -f -a "rotate" -d 'Replace keys by new ones, while servers run'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -f -a "shred" -d 'Destroy the keys of deleted projects for good, and then their rows'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and not __fish_seen_subcommand_from generate list show retire destroy split combine escrow recover drill rotate shred help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -f -a "admin" -d 'Make an administrator\'s key'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -f -a "master" -d 'Make a keyring with a new master key, and a key that signs backups'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -f -a "password" -d 'Make a password for a program, such as a role of PostgreSQL'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -f -a "backup-signing" -d 'Make the key that signs backups, in the keyring'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -f -a "backup-recipient" -d 'Make an age identity that opens backups, and print its recipient'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from generate" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from list" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from list" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from list" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from list" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from list" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from list" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from show" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from show" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from show" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from show" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from show" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from retire" -l out -d 'Write the changed keyring to this new file instead, where embsec cannot write the keyring itself (a variable, a credential, a program)' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from retire" -l target -d 'For a key of another program\'s database: the file that declares its tables. No value there may be sealed by the key' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from retire" -l target-database -d 'The database that `--target` declares tables of' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from retire" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from retire" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from retire" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from retire" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from retire" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from retire" -l dry-run -d 'Say what would be done and what stands in the way, and change nothing'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from retire" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from retire" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from retire" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from retire" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from retire" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from retire" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from destroy" -l out -d 'Write the changed keyring to this new file instead, where embsec cannot write the keyring itself (a variable, a credential, a program)' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from destroy" -l target -d 'For a key of another program\'s database: the file that declares its tables. No value there may be sealed by the key' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from destroy" -l target-database -d 'The database that `--target` declares tables of' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from destroy" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from destroy" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from destroy" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from destroy" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from destroy" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from destroy" -l dry-run -d 'Say what would be done and what stands in the way, and change nothing'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from destroy" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from destroy" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from destroy" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from destroy" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from destroy" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from destroy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from split" -l shares -d 'How many shares to make' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from split" -l threshold -d 'How many of them give the keyring back' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from split" -l to -d 'Seal a share for this recipient (age1…); once for each share, in their order' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from split" -l out -d 'Write the shares into this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from split" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from split" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from split" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from split" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from split" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from split" -l dry-run -d 'Say which files would be made, and make none'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from split" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from split" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from split" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from split" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from split" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from split" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from combine" -l identity-file -d 'Open what is sealed with the identities in this file, as `age-keygen` makes it; may be given several times' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from combine" -l out -d 'Write the keyring to this new file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from combine" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from combine" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from combine" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from combine" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from combine" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from combine" -l dry-run -d 'Combine the shares, and write nothing'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from combine" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from combine" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from combine" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from combine" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from combine" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from combine" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from escrow" -l to -d 'Seal it for this recipient (age1…); may be given several times' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from escrow" -l out -d 'Write the copy to this new file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from escrow" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from escrow" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from escrow" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from escrow" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from escrow" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from escrow" -l dry-run -d 'Check the recipients and the file, and make nothing'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from escrow" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from escrow" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from escrow" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from escrow" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from escrow" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from escrow" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from recover" -l identity-file -d 'Open what is sealed with the identities in this file, as `age-keygen` makes it; may be given several times' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from recover" -l out -d 'Write the keyring to this new file instead' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from recover" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from recover" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from recover" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from recover" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from recover" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from recover" -l dry-run -d 'Open and check the copy, and write nothing'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from recover" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from recover" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from recover" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from recover" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from recover" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from recover" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from drill" -l escrow -d 'The escrow copy' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from drill" -l shares -d 'The shares' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from drill" -l identity-file -d 'Open what is sealed with the identities in this file, as `age-keygen` makes it; may be given several times' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from drill" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from drill" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from drill" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from drill" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from drill" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from drill" -l dry-run -d 'Try the copy, and record nothing'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from drill" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from drill" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from drill" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from drill" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from drill" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from drill" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -f -a "master" -d 'Replace the master key, which seals the data keys'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -f -a "data" -d 'Replace the keys that seal provider keys, texts and metadata, and seal everything anew'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -f -a "admin" -d 'Replace the administrator\'s key and print the new one'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -f -a "target" -d 'Give an embapi or llm-proxy service another key'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -f -a "backup-signing" -d 'Replace the key that signs backups'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -f -a "backup-recipient" -d 'Seal the backups that are there to other recipients'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from rotate" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from shred" -l id -d 'Which one, when several projects have or had that name: its id' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from shred" -l progress -d 'Tell how far it came, on stderr, in this way' -r -f -a "auto\t'A bar on a terminal, else lines'
bar\t'A bar'
lines\t'A line every ten seconds'
json\t'A JSON document a line'
none\t'Not at all'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from shred" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from shred" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from shred" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from shred" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from shred" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from shred" -l due -d 'Destroy whatever is due'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from shred" -l now -d 'Do not wait until the project is due'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from shred" -l dry-run -d 'Say what would be destroyed, and destroy nothing'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from shred" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from shred" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from shred" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from shred" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from shred" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from shred" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "generate" -d 'Make a new secret'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the keys of the keyring and of the database'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show what is known of one key, or of all'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "retire" -d 'Keep a key, and use it for nothing new'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "destroy" -d 'Destroy a retired key, or one that was never used, for good'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "split" -d 'Split the keyring into shares for several holders'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "combine" -d 'Combine shares of a keyring and write it to a new file'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "escrow" -d 'Seal a copy of the keyring for recipients, to be kept apart from backups'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "recover" -d 'Put the keyring back from its escrow copy'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "drill" -d 'Prove that the keys could be recovered from the escrow copy or the shares'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'Replace keys by new ones, while servers run'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "shred" -d 'Destroy the keys of deleted projects for good, and then their rows'
complete -c embsec -n "__fish_embsec_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -f -a "up" -d 'Bring the schema of the database to the newest version'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -f -a "status" -d 'Tell whether the schema of the database is up to date'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -f -a "import" -d 'Move another database into this deployment, with its keys and ids'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -f -a "export" -d 'Move this deployment into an empty database, in the form that embapi has'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -f -a "encrypt-status" -d 'Tell what in a database is encrypted, what is in clear, and what does not open'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -f -a "encrypt" -d 'Encrypt what a database has in clear: a deployment\'s own, or that of another program'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -f -a "decrypt" -d 'Bring back in clear what a database has encrypted: a deployment\'s own, or that of another program'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and not __fish_seen_subcommand_from up status import export encrypt-status encrypt decrypt help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from up" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from up" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from up" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from up" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from up" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from up" -l dry-run -d 'Say what would be done, and do nothing'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from up" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from up" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from up" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from up" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from status" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from status" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from status" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from status" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from status" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from status" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -l from -d 'The source: `postgres://…`, `sqlite:PATH`, a path, or `env:NAME` or `file:PATH` with a URL' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -l profile -d 'Whose tables to take, where the source has both' -r -f -a "embapi\t'Those of embapi, or of dhamps-vdb before it'
embsec\t'Those of embsec'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -l from-key-file -d 'What embapi has as `ENCRYPTION_KEY` is in this file; else in the variable of that name' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -l rename -d 'Give a user whose handle cannot be taken over another one, and disable them; may be repeated' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -l progress -d 'Tell how far it came, on stderr, in this way' -r -f -a "auto\t'A bar on a terminal, else lines'
bar\t'A bar'
lines\t'A line every ten seconds'
json\t'A JSON document a line'
none\t'Not at all'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -l repair-owners -d 'Take embeddings that name an old owner as their project\'s'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -l skip-unusable -d 'Leave out rows that embsec cannot hold'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -l finish -d 'Carry over what changed and end the move: from then on clients may write here'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -l dry-run -d 'Say what would be written, and write nothing'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from export" -l to -d 'The new database: `postgres://…`, or `env:NAME` or `file:PATH` that hold such a URL' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from export" -l to-key-file -d 'What embapi will have as `ENCRYPTION_KEY` is in this file; without it, in the variable of that name' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from export" -l progress -d 'Tell how far it came, on stderr, in this way' -r -f -a "auto\t'A bar on a terminal, else lines'
bar\t'A bar'
lines\t'A line every ten seconds'
json\t'A JSON document a line'
none\t'Not at all'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from export" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from export" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from export" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from export" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from export" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from export" -l skip-unusable -d 'Leave out embeddings that embapi cannot hold'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from export" -l dry-run -d 'Say what would be written, and write nothing'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from export" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from export" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from export" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt-status" -l profile -d 'Whose tables the database has, where that cannot be seen' -r -f -a "embsec\t'Those of embsec'
embapi\t'Those of embapi, or of dhamps-vdb before it'
llm-proxy\t'Those of llm-proxy'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt-status" -l target -d 'Work on the tables that this file declares' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt-status" -l key-file -d 'The key of that program is in this file, or behind `env:NAME`, `credential:NAME` or `cmd:…`; else in the variable `ENCRYPTION_KEY`; else, for tables that a file declares, in the keyring of the deployment here' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt-status" -l columns -d 'Only these columns: `COLUMN` or `TABLE.COLUMN`' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt-status" -l progress -d 'Tell how far it came, on stderr, in this way' -r -f -a "auto\t'A bar on a terminal, else lines'
bar\t'A bar'
lines\t'A line every ten seconds'
json\t'A JSON document a line'
none\t'Not at all'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt-status" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt-status" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt-status" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt-status" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt-status" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt-status" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt-status" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt-status" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt-status" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt-status" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt-status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -l profile -d 'Whose tables the database has, where that cannot be seen' -r -f -a "embsec\t'Those of embsec'
embapi\t'Those of embapi, or of dhamps-vdb before it'
llm-proxy\t'Those of llm-proxy'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -l target -d 'Work on the tables that this file declares' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -l key-file -d 'The key of that program is in this file, or behind `env:NAME`, `credential:NAME` or `cmd:…`; else in the variable `ENCRYPTION_KEY`; else, for tables that a file declares, in the keyring of the deployment here' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -l columns -d 'Only these columns: `COLUMN` or `TABLE.COLUMN`' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -l treat-as-plaintext -d 'Encrypt this value, as a refusal names it, although it looks encrypted; may be repeated' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -l audit-dir -d 'Keep the audit log in this folder, where no deployment is named' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -l progress -d 'Tell how far it came, on stderr, in this way' -r -f -a "auto\t'A bar on a terminal, else lines'
bar\t'A bar'
lines\t'A line every ten seconds'
json\t'A JSON document a line'
none\t'Not at all'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -l dry-run -d 'Do all but write, and tell what would be done and how long it takes'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -l scrub-only -d 'Only take old values out of the files of a SQLite database'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from encrypt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -l profile -d 'Whose tables the database has, where that cannot be seen' -r -f -a "embsec\t'Those of embsec'
embapi\t'Those of embapi, or of dhamps-vdb before it'
llm-proxy\t'Those of llm-proxy'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -l target -d 'Work on the tables that this file declares' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -l key-file -d 'The key of that program is in this file, or behind `env:NAME`, `credential:NAME` or `cmd:…`; else in the variable `ENCRYPTION_KEY`; else, for tables that a file declares, in the keyring of the deployment here' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -l columns -d 'Only these columns: `COLUMN` or `TABLE.COLUMN`' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -l treat-as-plaintext -d 'Leave this value, as a refusal names it, as it is, although it looks encrypted; may be repeated' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -l audit-dir -d 'Keep the audit log in this folder, where no deployment is named' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -l progress -d 'Tell how far it came, on stderr, in this way' -r -f -a "auto\t'A bar on a terminal, else lines'
bar\t'A bar'
lines\t'A line every ten seconds'
json\t'A JSON document a line'
none\t'Not at all'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -l dry-run -d 'Do all but write, and tell what would be done'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from decrypt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "up" -d 'Bring the schema of the database to the newest version'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "status" -d 'Tell whether the schema of the database is up to date'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "import" -d 'Move another database into this deployment, with its keys and ids'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "export" -d 'Move this deployment into an empty database, in the form that embapi has'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "encrypt-status" -d 'Tell what in a database is encrypted, what is in clear, and what does not open'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "encrypt" -d 'Encrypt what a database has in clear: a deployment\'s own, or that of another program'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "decrypt" -d 'Bring back in clear what a database has encrypted: a deployment\'s own, or that of another program'
complete -c embsec -n "__fish_embsec_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -f -a "create" -d 'Create a user and print their API key'
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -f -a "list" -d 'List the users'
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -f -a "show" -d 'Show a user, their keys\' ages, projects and instances'
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -f -a "rotate" -d 'Replace a user\'s API key and print the new one'
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -f -a "disable" -d 'Stop honouring a user\'s keys'
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -f -a "enable" -d 'Honour a disabled user\'s keys again'
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -f -a "delete" -d 'Delete a user with everything that they own'
complete -c embsec -n "__fish_embsec_using_subcommand users; and not __fish_seen_subcommand_from create list show rotate disable enable delete help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from create" -l email -d 'E-mail address; no two users share one' -r
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from create" -l name -d 'Display name' -r
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from create" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from create" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from create" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from create" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from create" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from create" -l dry-run -d 'Check that the user can be created, and create nothing'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from create" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from create" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from create" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from list" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from list" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from list" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from list" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from list" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from list" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from show" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from show" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from show" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from show" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from show" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from rotate" -l grace -d 'How long the key before still works, such as 24h or 7d' -r
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from rotate" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from rotate" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from rotate" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from rotate" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from rotate" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from rotate" -l dry-run -d 'Check that the key can be replaced, and replace nothing'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from rotate" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from rotate" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from rotate" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from rotate" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from rotate" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from disable" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from disable" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from disable" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from disable" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from disable" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from disable" -l dry-run -d 'Say what would change, and change nothing'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from disable" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from disable" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from disable" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from disable" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from disable" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from enable" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from enable" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from enable" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from enable" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from enable" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from enable" -l dry-run -d 'Say what would change, and change nothing'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from enable" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from enable" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from enable" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from enable" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from enable" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from delete" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from delete" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from delete" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from delete" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from delete" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from delete" -l dry-run -d 'Say what would be lost, and delete nothing'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from delete" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from delete" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "create" -d 'Create a user and print their API key'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the users'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a user, their keys\' ages, projects and instances'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'Replace a user\'s API key and print the new one'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "disable" -d 'Stop honouring a user\'s keys'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "enable" -d 'Honour a disabled user\'s keys again'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete a user with everything that they own'
complete -c embsec -n "__fish_embsec_using_subcommand users; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -f -a "list" -d 'List the projects of everybody'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -f -a "show" -d 'Show a project, what of it is sealed, and with whom it is shared'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -f -a "set" -d 'Set what of a project is sealed when it is written'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -f -a "delete" -d 'Take a project out of service'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -f -a "undelete" -d 'Bring a deleted project back'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and not __fish_seen_subcommand_from list show set delete undelete help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from list" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from list" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from list" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from list" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from list" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from list" -l deleted -d 'List the deleted projects instead, and until when each can be brought back'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from list" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from show" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from show" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from show" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from show" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from show" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from set" -l encrypt-text -d 'Whether texts are sealed' -r -f -a "on\t'Yes'
off\t'No'"
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from set" -l encrypt-metadata -d 'Whether metadata are sealed' -r -f -a "on\t'Yes'
off\t'No'"
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from set" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from set" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from set" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from set" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from set" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from set" -l dry-run -d 'Say what would change, and change nothing'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from set" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from set" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from set" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from delete" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from delete" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from delete" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from delete" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from delete" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from delete" -l dry-run -d 'Say what would go, and delete nothing'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from delete" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from delete" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from undelete" -l as -d 'Give it another handle, when its own is taken' -r
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from undelete" -l id -d 'Which one, when several projects had that name: its id in `embsec projects list --deleted`' -r
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from undelete" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from undelete" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from undelete" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from undelete" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from undelete" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from undelete" -l dry-run -d 'Check that it can be brought back, and change nothing'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from undelete" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from undelete" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from undelete" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from undelete" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from undelete" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from undelete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the projects of everybody'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a project, what of it is sealed, and with whom it is shared'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from help" -f -a "set" -d 'Set what of a project is sealed when it is written'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Take a project out of service'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from help" -f -a "undelete" -d 'Bring a deleted project back'
complete -c embsec -n "__fish_embsec_using_subcommand projects; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -l progress -d 'Tell how far it came, on stderr, in this way' -r -f -a "auto\t'A bar on a terminal, else lines'
bar\t'A bar'
lines\t'A line every ten seconds'
json\t'A JSON document a line'
none\t'Not at all'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -l portable -d 'Write tables just as `COPY` takes them: the backup is larger, and `age` and `zstd` alone decode it'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -l dry-run -d 'Check everything that can stop a backup, and make none'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -f -a "create" -d 'Make an encrypted backup, and read it back before it is called one'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -f -a "list" -d 'List the backups of the destination, and what is known of each'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -f -a "show" -d 'Show a backup: its size, the keys that it needs, and what was done with it'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -f -a "verify" -d 'Verify a backup, up to a level, and say what each level proved'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -f -a "decode" -d 'Turn a part of a backup back into what it was'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -f -a "prune" -d 'Remove backups that no rule of retention keeps'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -f -a "sync" -d 'Copy backups to another destination: a folder or an S3-compatible store'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify decode prune sync help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from create" -l progress -d 'Tell how far it came, on stderr, in this way' -r -f -a "auto\t'A bar on a terminal, else lines'
bar\t'A bar'
lines\t'A line every ten seconds'
json\t'A JSON document a line'
none\t'Not at all'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from create" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from create" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from create" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from create" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from create" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from create" -l portable -d 'Write tables just as `COPY` takes them: the backup is larger, and `age` and `zstd` alone decode it'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from create" -l dry-run -d 'Check everything that can stop a backup, and make none'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from create" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from create" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from create" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from list" -l destination -d 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from list" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from list" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from list" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from list" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from list" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from list" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from show" -l identity-file -d 'The identity of a recipient: a file that only you can read, or `env:NAME`, `credential:NAME` or `cmd:…`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from show" -l destination -d 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from show" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from show" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from show" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from show" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from show" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from verify" -l level -d 'The level to prove, from 0 to 4' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from verify" -l identity-file -d 'The identity of a recipient: a file that only you can read, or `env:NAME`, `credential:NAME` or `cmd:…`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from verify" -l destination -d 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from verify" -l progress -d 'Tell how far it came, on stderr, in this way' -r -f -a "auto\t'A bar on a terminal, else lines'
bar\t'A bar'
lines\t'A line every ten seconds'
json\t'A JSON document a line'
none\t'Not at all'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from verify" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from verify" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from verify" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from verify" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from verify" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from verify" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from verify" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -l table -d 'A table: SCHEMA.NAME' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -l file -d 'A file, by a name that `embsec backup show ID --identity-file FILE` lists' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -l segment -d 'One segment, by its number, from 1' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -l out -d 'Write it to this new file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -l identity-file -d 'The identity of a recipient: a file that only you can read, or `env:NAME`, `credential:NAME` or `cmd:…`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -l destination -d 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -l progress -d 'Tell how far it came, on stderr, in this way' -r -f -a "auto\t'A bar on a terminal, else lines'
bar\t'A bar'
lines\t'A line every ten seconds'
json\t'A JSON document a line'
none\t'Not at all'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from decode" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -l tier -d 'Keep as many as a destination of this kind usually keeps, instead of `backup.keep_…`' -r -f -a "local\t'7 daily ones'
offsite\t'7 daily and 4 weekly ones'
cold\t'7 daily, 4 weekly, 12 monthly and 7 yearly ones'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -l pin -d 'Keep this backup whatever its age, until it is unpinned; nothing is removed now' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -l unpin -d 'Treat this backup as any other again; nothing is removed now' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -l destination -d 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -l progress -d 'Tell how far it came, on stderr, in this way' -r -f -a "auto\t'A bar on a terminal, else lines'
bar\t'A bar'
lines\t'A line every ten seconds'
json\t'A JSON document a line'
none\t'Not at all'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -l explain -d 'Name the rules that keep each backup'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -l dry-run -d 'Print the plan and remove nothing, whatever else is said'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from sync" -l to -d 'Where to: a folder, or `s3://BUCKET/PREFIX`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from sync" -l destination -d 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from sync" -l progress -d 'Tell how far it came, on stderr, in this way' -r -f -a "auto\t'A bar on a terminal, else lines'
bar\t'A bar'
lines\t'A line every ten seconds'
json\t'A JSON document a line'
none\t'Not at all'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from sync" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from sync" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from sync" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from sync" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from sync" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from sync" -l dry-run -d 'Say what would be sent, and send nothing'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from sync" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from sync" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from sync" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from sync" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from sync" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from help" -f -a "create" -d 'Make an encrypted backup, and read it back before it is called one'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the backups of the destination, and what is known of each'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a backup: its size, the keys that it needs, and what was done with it'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Verify a backup, up to a level, and say what each level proved'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from help" -f -a "decode" -d 'Turn a part of a backup back into what it was'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from help" -f -a "prune" -d 'Remove backups that no rule of retention keeps'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from help" -f -a "sync" -d 'Copy backups to another destination: a folder or an S3-compatible store'
complete -c embsec -n "__fish_embsec_using_subcommand backup; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -l into -d 'Where to: the URL of an empty PostgreSQL database, or a new file' -r
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -l identity-file -d 'The identity of a recipient: a file that only you can read, or `env:NAME`, `credential:NAME` or `cmd:…`' -r
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -l destination -d 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`' -r
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -l progress -d 'Tell how far it came, on stderr, in this way' -r -f -a "auto\t'A bar on a terminal, else lines'
bar\t'A bar'
lines\t'A line every ten seconds'
json\t'A JSON document a line'
none\t'Not at all'"
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -l dry-run -d 'Check everything that can stop the restore, and restore nothing'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -a "swap" -d 'Put what was restored in the place of the deployment\'s database'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and not __fish_seen_subcommand_from swap help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and __fish_seen_subcommand_from swap" -l destination -d 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`' -r
complete -c embsec -n "__fish_embsec_using_subcommand restore; and __fish_seen_subcommand_from swap" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand restore; and __fish_seen_subcommand_from swap" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand restore; and __fish_seen_subcommand_from swap" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand restore; and __fish_seen_subcommand_from swap" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand restore; and __fish_seen_subcommand_from swap" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand restore; and __fish_seen_subcommand_from swap" -l dry-run -d 'Say what would be put where, and do nothing'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and __fish_seen_subcommand_from swap" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and __fish_seen_subcommand_from swap" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and __fish_seen_subcommand_from swap" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and __fish_seen_subcommand_from swap" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and __fish_seen_subcommand_from swap" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and __fish_seen_subcommand_from swap" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and __fish_seen_subcommand_from help" -f -a "swap" -d 'Put what was restored in the place of the deployment\'s database'
complete -c embsec -n "__fish_embsec_using_subcommand restore; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -l into -d 'Restore into a new database on this server, which is dropped again' -r
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -l key-file -d 'For a backup of embapi or llm-proxy: the file of its key, which is else taken from the variable `ENCRYPTION_KEY`' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -l metrics-file -d 'Write how it ended to this file, for the textfile collector of Prometheus' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -l identity-file -d 'The identity of a recipient: a file that only you can read, or `env:NAME`, `credential:NAME` or `cmd:…`' -r
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -l destination -d 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`' -r
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -l progress -d 'Tell how far it came, on stderr, in this way' -r -f -a "auto\t'A bar on a terminal, else lines'
bar\t'A bar'
lines\t'A line every ten seconds'
json\t'A JSON document a line'
none\t'Not at all'"
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -l newest -d 'The newest backup'
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -l rotate -d 'The newest one, and the one whose last test is the longest ago: so every backup has its turn'
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand restore-test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand config; and not __fish_seen_subcommand_from show check schema help" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand config; and not __fish_seen_subcommand_from show check schema help" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand config; and not __fish_seen_subcommand_from show check schema help" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand config; and not __fish_seen_subcommand_from show check schema help" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand config; and not __fish_seen_subcommand_from show check schema help" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand config; and not __fish_seen_subcommand_from show check schema help" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand config; and not __fish_seen_subcommand_from show check schema help" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand config; and not __fish_seen_subcommand_from show check schema help" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand config; and not __fish_seen_subcommand_from show check schema help" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand config; and not __fish_seen_subcommand_from show check schema help" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand config; and not __fish_seen_subcommand_from show check schema help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand config; and not __fish_seen_subcommand_from show check schema help" -f -a "show" -d 'Show every setting, its value and where the value comes from'
complete -c embsec -n "__fish_embsec_using_subcommand config; and not __fish_seen_subcommand_from show check schema help" -f -a "check" -d 'Check the configuration, combinations and secrets included'
complete -c embsec -n "__fish_embsec_using_subcommand config; and not __fish_seen_subcommand_from show check schema help" -f -a "schema" -d 'Print the JSON Schema of `embsec.toml`, for editors'
complete -c embsec -n "__fish_embsec_using_subcommand config; and not __fish_seen_subcommand_from show check schema help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from show" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from show" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from check" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from check" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from check" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from check" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from check" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from check" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from check" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from schema" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from schema" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from schema" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from schema" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from schema" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from schema" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from schema" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from schema" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from schema" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from schema" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show every setting, its value and where the value comes from'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "check" -d 'Check the configuration, combinations and secrets included'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "schema" -d 'Print the JSON Schema of `embsec.toml`, for editors'
complete -c embsec -n "__fish_embsec_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand completions" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand completions" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand completions" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand completions" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand completions" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand completions" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand completions" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand completions" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand completions" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand completions" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand man" -l dir -d 'Work on the deployment in this folder' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand man" -l config -d 'Read this configuration file' -r -F
complete -c embsec -n "__fish_embsec_using_subcommand man" -l database -d 'Work on this database, instead of the one of `database.url`' -r
complete -c embsec -n "__fish_embsec_using_subcommand man" -s o -l output -d 'Print the result in this form' -r -f -a "table\t'For people'
json\t'One JSON document'
plain\t'Lines of fields separated by tabs'"
complete -c embsec -n "__fish_embsec_using_subcommand man" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c embsec -n "__fish_embsec_using_subcommand man" -l json -d 'Print the result as JSON: short for `--output json`'
complete -c embsec -n "__fish_embsec_using_subcommand man" -s q -l quiet -d 'Say nothing but warnings and errors'
complete -c embsec -n "__fish_embsec_using_subcommand man" -s v -l verbose -d 'Say more'
complete -c embsec -n "__fish_embsec_using_subcommand man" -s y -l yes -d 'Answer every question with yes, for scripts'
complete -c embsec -n "__fish_embsec_using_subcommand man" -l no-input -d 'Never ask: refuse what needs an answer'
complete -c embsec -n "__fish_embsec_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c embsec -n "__fish_embsec_using_subcommand help; and not __fish_seen_subcommand_from init serve keys migrate users projects backup restore restore-test config completions man help" -f -a "init" -d 'Make a deployment: configuration, keys and database in a folder of its own'
complete -c embsec -n "__fish_embsec_using_subcommand help; and not __fish_seen_subcommand_from init serve keys migrate users projects backup restore restore-test config completions man help" -f -a "serve" -d 'Run the API'
complete -c embsec -n "__fish_embsec_using_subcommand help; and not __fish_seen_subcommand_from init serve keys migrate users projects backup restore restore-test config completions man help" -f -a "keys" -d 'Make, show and look after the keys of a deployment'
complete -c embsec -n "__fish_embsec_using_subcommand help; and not __fish_seen_subcommand_from init serve keys migrate users projects backup restore restore-test config completions man help" -f -a "migrate" -d 'Bring the schema up to date, move data in and out, encrypt what is in clear'
complete -c embsec -n "__fish_embsec_using_subcommand help; and not __fish_seen_subcommand_from init serve keys migrate users projects backup restore restore-test config completions man help" -f -a "users" -d 'Create, show and manage the users of the API and their keys'
complete -c embsec -n "__fish_embsec_using_subcommand help; and not __fish_seen_subcommand_from init serve keys migrate users projects backup restore restore-test config completions man help" -f -a "projects" -d 'Show projects, set what of them is sealed, delete them and bring them back'
complete -c embsec -n "__fish_embsec_using_subcommand help; and not __fish_seen_subcommand_from init serve keys migrate users projects backup restore restore-test config completions man help" -f -a "backup" -d 'Make encrypted backups, look at them, thin them out, send them elsewhere'
complete -c embsec -n "__fish_embsec_using_subcommand help; and not __fish_seen_subcommand_from init serve keys migrate users projects backup restore restore-test config completions man help" -f -a "restore" -d 'Restore a backup into an empty database or a new file'
complete -c embsec -n "__fish_embsec_using_subcommand help; and not __fish_seen_subcommand_from init serve keys migrate users projects backup restore restore-test config completions man help" -f -a "restore-test" -d 'Restore a backup into a throwaway place, and prove that it means what it meant'
complete -c embsec -n "__fish_embsec_using_subcommand help; and not __fish_seen_subcommand_from init serve keys migrate users projects backup restore restore-test config completions man help" -f -a "config" -d 'Show, check and describe the configuration'
complete -c embsec -n "__fish_embsec_using_subcommand help; and not __fish_seen_subcommand_from init serve keys migrate users projects backup restore restore-test config completions man help" -f -a "completions" -d 'Print the completions of a shell'
complete -c embsec -n "__fish_embsec_using_subcommand help; and not __fish_seen_subcommand_from init serve keys migrate users projects backup restore restore-test config completions man help" -f -a "man" -d 'Print a page of the manual'
complete -c embsec -n "__fish_embsec_using_subcommand help; and not __fish_seen_subcommand_from init serve keys migrate users projects backup restore restore-test config completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "generate" -d 'Make a new secret'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "list" -d 'List the keys of the keyring and of the database'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "show" -d 'Show what is known of one key, or of all'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "retire" -d 'Keep a key, and use it for nothing new'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "destroy" -d 'Destroy a retired key, or one that was never used, for good'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "split" -d 'Split the keyring into shares for several holders'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "combine" -d 'Combine shares of a keyring and write it to a new file'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "escrow" -d 'Seal a copy of the keyring for recipients, to be kept apart from backups'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "recover" -d 'Put the keyring back from its escrow copy'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "drill" -d 'Prove that the keys could be recovered from the escrow copy or the shares'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "rotate" -d 'Replace keys by new ones, while servers run'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "shred" -d 'Destroy the keys of deleted projects for good, and then their rows'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "up" -d 'Bring the schema of the database to the newest version'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "status" -d 'Tell whether the schema of the database is up to date'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "import" -d 'Move another database into this deployment, with its keys and ids'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "export" -d 'Move this deployment into an empty database, in the form that embapi has'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "encrypt-status" -d 'Tell what in a database is encrypted, what is in clear, and what does not open'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "encrypt" -d 'Encrypt what a database has in clear: a deployment\'s own, or that of another program'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "decrypt" -d 'Bring back in clear what a database has encrypted: a deployment\'s own, or that of another program'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "create" -d 'Create a user and print their API key'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "list" -d 'List the users'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "show" -d 'Show a user, their keys\' ages, projects and instances'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "rotate" -d 'Replace a user\'s API key and print the new one'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "disable" -d 'Stop honouring a user\'s keys'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "enable" -d 'Honour a disabled user\'s keys again'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from users" -f -a "delete" -d 'Delete a user with everything that they own'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from projects" -f -a "list" -d 'List the projects of everybody'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from projects" -f -a "show" -d 'Show a project, what of it is sealed, and with whom it is shared'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from projects" -f -a "set" -d 'Set what of a project is sealed when it is written'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from projects" -f -a "delete" -d 'Take a project out of service'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from projects" -f -a "undelete" -d 'Bring a deleted project back'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from backup" -f -a "create" -d 'Make an encrypted backup, and read it back before it is called one'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from backup" -f -a "list" -d 'List the backups of the destination, and what is known of each'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from backup" -f -a "show" -d 'Show a backup: its size, the keys that it needs, and what was done with it'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from backup" -f -a "verify" -d 'Verify a backup, up to a level, and say what each level proved'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from backup" -f -a "decode" -d 'Turn a part of a backup back into what it was'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from backup" -f -a "prune" -d 'Remove backups that no rule of retention keeps'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from backup" -f -a "sync" -d 'Copy backups to another destination: a folder or an S3-compatible store'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from restore" -f -a "swap" -d 'Put what was restored in the place of the deployment\'s database'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Show every setting, its value and where the value comes from'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "check" -d 'Check the configuration, combinations and secrets included'
complete -c embsec -n "__fish_embsec_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "schema" -d 'Print the JSON Schema of `embsec.toml`, for editors'

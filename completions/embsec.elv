
use builtin;
use str;

set edit:completion:arg-completer[embsec] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'embsec'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'embsec'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand init 'Make a deployment: configuration, keys and database in a folder of its own'
            cand serve 'Run the API'
            cand keys 'Make, show and look after the keys of a deployment'
            cand migrate 'Bring the schema up to date, move data in and out, encrypt what is in clear'
            cand users 'Create, show and manage the users of the API and their keys'
            cand projects 'Show projects, set what of them is sealed, delete them and bring them back'
            cand backup 'Make encrypted backups, look at them, thin them out, send them elsewhere'
            cand restore 'Restore a backup into an empty database or a new file'
            cand restore-test 'Restore a backup into a throwaway place, and prove that it means what it meant'
            cand config 'Show, check and describe the configuration'
            cand completions 'Print the completions of a shell'
            cand man 'Print a page of the manual'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;init'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Say what would be made, and make nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;serve'= {
            cand --listen 'Listen on this address and port, instead of `serve.listen`'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --init 'Make the deployment first where there is none'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand generate 'Make a new secret'
            cand list 'List the keys of the keyring and of the database'
            cand show 'Show what is known of one key, or of all'
            cand retire 'Keep a key, and use it for nothing new'
            cand destroy 'Destroy a retired key, or one that was never used, for good'
            cand split 'Split the keyring into shares for several holders'
            cand combine 'Combine shares of a keyring and write it to a new file'
            cand escrow 'Seal a copy of the keyring for recipients, to be kept apart from backups'
            cand recover 'Put the keyring back from its escrow copy'
            cand drill 'Prove that the keys could be recovered from the escrow copy or the shares'
            cand rotate 'Replace keys by new ones, while servers run'
            cand shred 'Destroy the keys of deleted projects for good, and then their rows'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;keys;generate'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand admin 'Make an administrator''s key'
            cand master 'Make a keyring with a new master key, and a key that signs backups'
            cand password 'Make a password for a program, such as a role of PostgreSQL'
            cand backup-signing 'Make the key that signs backups, in the keyring'
            cand backup-recipient 'Make an age identity that opens backups, and print its recipient'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;keys;generate;admin'= {
            cand --out 'Write it to this new file, which only you can read, instead of printing it'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;generate;master'= {
            cand --out 'Write it to this new file, which only you can read, instead of printing it'
            cand --to 'Seal it to this age recipient (age1…); can be given several times'
            cand --passphrase-file 'Seal it by the passphrase in this file'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --passphrase 'Seal it by a passphrase that is asked for'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;generate;password'= {
            cand --out 'Write it to this new file, which only you can read, instead of printing it'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;generate;backup-signing'= {
            cand --out 'Write the next keyring to this new file, for a keyring that is kept by something else'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Say what would be done, and do nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;generate;backup-recipient'= {
            cand --out 'Write the identity to this new file, which only you can read; it is never printed'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;generate;help'= {
            cand admin 'Make an administrator''s key'
            cand master 'Make a keyring with a new master key, and a key that signs backups'
            cand password 'Make a password for a program, such as a role of PostgreSQL'
            cand backup-signing 'Make the key that signs backups, in the keyring'
            cand backup-recipient 'Make an age identity that opens backups, and print its recipient'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;keys;generate;help;admin'= {
        }
        &'embsec;keys;generate;help;master'= {
        }
        &'embsec;keys;generate;help;password'= {
        }
        &'embsec;keys;generate;help;backup-signing'= {
        }
        &'embsec;keys;generate;help;backup-recipient'= {
        }
        &'embsec;keys;generate;help;help'= {
        }
        &'embsec;keys;list'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;show'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;retire'= {
            cand --out 'Write the changed keyring to this new file instead, where embsec cannot write the keyring itself (a variable, a credential, a program)'
            cand --target 'For a key of another program''s database: the file that declares its tables. No value there may be sealed by the key'
            cand --target-database 'The database that `--target` declares tables of'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Say what would be done and what stands in the way, and change nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;destroy'= {
            cand --out 'Write the changed keyring to this new file instead, where embsec cannot write the keyring itself (a variable, a credential, a program)'
            cand --target 'For a key of another program''s database: the file that declares its tables. No value there may be sealed by the key'
            cand --target-database 'The database that `--target` declares tables of'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Say what would be done and what stands in the way, and change nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;split'= {
            cand --shares 'How many shares to make'
            cand --threshold 'How many of them give the keyring back'
            cand --to 'Seal a share for this recipient (age1…); once for each share, in their order'
            cand --out 'Write the shares into this folder'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Say which files would be made, and make none'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;combine'= {
            cand --identity-file 'Open what is sealed with the identities in this file, as `age-keygen` makes it; may be given several times'
            cand --out 'Write the keyring to this new file'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Combine the shares, and write nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;escrow'= {
            cand --to 'Seal it for this recipient (age1…); may be given several times'
            cand --out 'Write the copy to this new file'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Check the recipients and the file, and make nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;recover'= {
            cand --identity-file 'Open what is sealed with the identities in this file, as `age-keygen` makes it; may be given several times'
            cand --out 'Write the keyring to this new file instead'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Open and check the copy, and write nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;drill'= {
            cand --escrow 'The escrow copy'
            cand --shares 'The shares'
            cand --identity-file 'Open what is sealed with the identities in this file, as `age-keygen` makes it; may be given several times'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Try the copy, and record nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;rotate'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand master 'Replace the master key, which seals the data keys'
            cand data 'Replace the keys that seal provider keys, texts and metadata, and seal everything anew'
            cand admin 'Replace the administrator''s key and print the new one'
            cand target 'Give an embapi or llm-proxy service another key'
            cand backup-signing 'Replace the key that signs backups'
            cand backup-recipient 'Seal the backups that are there to other recipients'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;keys;rotate;master'= {
            cand --out 'Write the next keyring to this new file, for a keyring that is kept by something else'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --finish 'Only seal anew what an older master key still seals, after a rotation'
            cand --dry-run 'Say what would be done, and do nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;rotate;data'= {
            cand --scope 'Rotate this scope alone: `system` (provider keys) or `project:OWNER/HANDLE`'
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Say what would be rotated, and rotate nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;rotate;admin'= {
            cand --grace 'How long the key before still works, such as 24h or 7d'
            cand --out 'Write the new key to this file, which it replaces, instead of printing it'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Check that the key can be replaced, and replace nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;rotate;target'= {
            cand --profile 'Whose database it is; found out where this is not given'
            cand --key-file 'The key that the service has now is in this file; else in the variable `ENCRYPTION_KEY`'
            cand --new-key-file 'The key that it is to have is in this file, or is made in it'
            cand --audit-dir 'Record what is done in this folder [default: that of the deployment that `--dir` or `--config` names, else `$XDG_STATE_HOME/embsec/audit`]'
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --finish 'Move what the service wrote under the old key before it was restarted'
            cand --undo 'Go back to the old key'
            cand --dry-run 'Do all but the swap, and say how long it takes'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;rotate;backup-signing'= {
            cand --out 'Write the next keyring to this new file, for a keyring that is kept by something else'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Say what would be done, and do nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;rotate;backup-recipient'= {
            cand --identity-file 'The identity of a recipient: a file that only you can read, or `env:NAME`, `credential:NAME` or `cmd:…`'
            cand --to 'Seal to this recipient (age1…) instead of those of `backup.recipients`; may be given several times'
            cand --destination 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`'
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --reencrypt 'Make every backup anew, because an identity was stolen'
            cand --dry-run 'Say which backups would be sealed anew, and change nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;rotate;help'= {
            cand master 'Replace the master key, which seals the data keys'
            cand data 'Replace the keys that seal provider keys, texts and metadata, and seal everything anew'
            cand admin 'Replace the administrator''s key and print the new one'
            cand target 'Give an embapi or llm-proxy service another key'
            cand backup-signing 'Replace the key that signs backups'
            cand backup-recipient 'Seal the backups that are there to other recipients'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;keys;rotate;help;master'= {
        }
        &'embsec;keys;rotate;help;data'= {
        }
        &'embsec;keys;rotate;help;admin'= {
        }
        &'embsec;keys;rotate;help;target'= {
        }
        &'embsec;keys;rotate;help;backup-signing'= {
        }
        &'embsec;keys;rotate;help;backup-recipient'= {
        }
        &'embsec;keys;rotate;help;help'= {
        }
        &'embsec;keys;shred'= {
            cand --id 'Which one, when several projects have or had that name: its id'
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --due 'Destroy whatever is due'
            cand --now 'Do not wait until the project is due'
            cand --dry-run 'Say what would be destroyed, and destroy nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;keys;help'= {
            cand generate 'Make a new secret'
            cand list 'List the keys of the keyring and of the database'
            cand show 'Show what is known of one key, or of all'
            cand retire 'Keep a key, and use it for nothing new'
            cand destroy 'Destroy a retired key, or one that was never used, for good'
            cand split 'Split the keyring into shares for several holders'
            cand combine 'Combine shares of a keyring and write it to a new file'
            cand escrow 'Seal a copy of the keyring for recipients, to be kept apart from backups'
            cand recover 'Put the keyring back from its escrow copy'
            cand drill 'Prove that the keys could be recovered from the escrow copy or the shares'
            cand rotate 'Replace keys by new ones, while servers run'
            cand shred 'Destroy the keys of deleted projects for good, and then their rows'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;keys;help;generate'= {
            cand admin 'Make an administrator''s key'
            cand master 'Make a keyring with a new master key, and a key that signs backups'
            cand password 'Make a password for a program, such as a role of PostgreSQL'
            cand backup-signing 'Make the key that signs backups, in the keyring'
            cand backup-recipient 'Make an age identity that opens backups, and print its recipient'
        }
        &'embsec;keys;help;generate;admin'= {
        }
        &'embsec;keys;help;generate;master'= {
        }
        &'embsec;keys;help;generate;password'= {
        }
        &'embsec;keys;help;generate;backup-signing'= {
        }
        &'embsec;keys;help;generate;backup-recipient'= {
        }
        &'embsec;keys;help;list'= {
        }
        &'embsec;keys;help;show'= {
        }
        &'embsec;keys;help;retire'= {
        }
        &'embsec;keys;help;destroy'= {
        }
        &'embsec;keys;help;split'= {
        }
        &'embsec;keys;help;combine'= {
        }
        &'embsec;keys;help;escrow'= {
        }
        &'embsec;keys;help;recover'= {
        }
        &'embsec;keys;help;drill'= {
        }
        &'embsec;keys;help;rotate'= {
            cand master 'Replace the master key, which seals the data keys'
            cand data 'Replace the keys that seal provider keys, texts and metadata, and seal everything anew'
            cand admin 'Replace the administrator''s key and print the new one'
            cand target 'Give an embapi or llm-proxy service another key'
            cand backup-signing 'Replace the key that signs backups'
            cand backup-recipient 'Seal the backups that are there to other recipients'
        }
        &'embsec;keys;help;rotate;master'= {
        }
        &'embsec;keys;help;rotate;data'= {
        }
        &'embsec;keys;help;rotate;admin'= {
        }
        &'embsec;keys;help;rotate;target'= {
        }
        &'embsec;keys;help;rotate;backup-signing'= {
        }
        &'embsec;keys;help;rotate;backup-recipient'= {
        }
        &'embsec;keys;help;shred'= {
        }
        &'embsec;keys;help;help'= {
        }
        &'embsec;migrate'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand up 'Bring the schema of the database to the newest version'
            cand status 'Tell whether the schema of the database is up to date'
            cand import 'Move another database into this deployment, with its keys and ids'
            cand export 'Move this deployment into an empty database, in the form that embapi has'
            cand encrypt-status 'Tell what in a database is encrypted, what is in clear, and what does not open'
            cand encrypt 'Encrypt what a database has in clear: a deployment''s own, or that of another program'
            cand decrypt 'Bring back in clear what a database has encrypted: a deployment''s own, or that of another program'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;migrate;up'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Say what would be done, and do nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;migrate;status'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;migrate;import'= {
            cand --from 'The source: `postgres://…`, `sqlite:PATH`, a path, or `env:NAME` or `file:PATH` with a URL'
            cand --profile 'Whose tables to take, where the source has both'
            cand --from-key-file 'What embapi has as `ENCRYPTION_KEY` is in this file; else in the variable of that name'
            cand --rename 'Give a user whose handle cannot be taken over another one, and disable them; may be repeated'
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --repair-owners 'Take embeddings that name an old owner as their project''s'
            cand --skip-unusable 'Leave out rows that embsec cannot hold'
            cand --finish 'Carry over what changed and end the move: from then on clients may write here'
            cand --dry-run 'Say what would be written, and write nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;migrate;export'= {
            cand --to 'The new database: `postgres://…`, or `env:NAME` or `file:PATH` that hold such a URL'
            cand --to-key-file 'What embapi will have as `ENCRYPTION_KEY` is in this file; without it, in the variable of that name'
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --skip-unusable 'Leave out embeddings that embapi cannot hold'
            cand --dry-run 'Say what would be written, and write nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;migrate;encrypt-status'= {
            cand --profile 'Whose tables the database has, where that cannot be seen'
            cand --target 'Work on the tables that this file declares'
            cand --key-file 'The key of that program is in this file, or behind `env:NAME`, `credential:NAME` or `cmd:…`; else in the variable `ENCRYPTION_KEY`; else, for tables that a file declares, in the keyring of the deployment here'
            cand --columns 'Only these columns: `COLUMN` or `TABLE.COLUMN`'
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;migrate;encrypt'= {
            cand --profile 'Whose tables the database has, where that cannot be seen'
            cand --target 'Work on the tables that this file declares'
            cand --key-file 'The key of that program is in this file, or behind `env:NAME`, `credential:NAME` or `cmd:…`; else in the variable `ENCRYPTION_KEY`; else, for tables that a file declares, in the keyring of the deployment here'
            cand --columns 'Only these columns: `COLUMN` or `TABLE.COLUMN`'
            cand --treat-as-plaintext 'Encrypt this value, as a refusal names it, although it looks encrypted; may be repeated'
            cand --audit-dir 'Keep the audit log in this folder, where no deployment is named'
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Do all but write, and tell what would be done and how long it takes'
            cand --scrub-only 'Only take old values out of the files of a SQLite database'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;migrate;decrypt'= {
            cand --profile 'Whose tables the database has, where that cannot be seen'
            cand --target 'Work on the tables that this file declares'
            cand --key-file 'The key of that program is in this file, or behind `env:NAME`, `credential:NAME` or `cmd:…`; else in the variable `ENCRYPTION_KEY`; else, for tables that a file declares, in the keyring of the deployment here'
            cand --columns 'Only these columns: `COLUMN` or `TABLE.COLUMN`'
            cand --treat-as-plaintext 'Leave this value, as a refusal names it, as it is, although it looks encrypted; may be repeated'
            cand --audit-dir 'Keep the audit log in this folder, where no deployment is named'
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Do all but write, and tell what would be done'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;migrate;help'= {
            cand up 'Bring the schema of the database to the newest version'
            cand status 'Tell whether the schema of the database is up to date'
            cand import 'Move another database into this deployment, with its keys and ids'
            cand export 'Move this deployment into an empty database, in the form that embapi has'
            cand encrypt-status 'Tell what in a database is encrypted, what is in clear, and what does not open'
            cand encrypt 'Encrypt what a database has in clear: a deployment''s own, or that of another program'
            cand decrypt 'Bring back in clear what a database has encrypted: a deployment''s own, or that of another program'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;migrate;help;up'= {
        }
        &'embsec;migrate;help;status'= {
        }
        &'embsec;migrate;help;import'= {
        }
        &'embsec;migrate;help;export'= {
        }
        &'embsec;migrate;help;encrypt-status'= {
        }
        &'embsec;migrate;help;encrypt'= {
        }
        &'embsec;migrate;help;decrypt'= {
        }
        &'embsec;migrate;help;help'= {
        }
        &'embsec;users'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand create 'Create a user and print their API key'
            cand list 'List the users'
            cand show 'Show a user, their keys'' ages, projects and instances'
            cand rotate 'Replace a user''s API key and print the new one'
            cand disable 'Stop honouring a user''s keys'
            cand enable 'Honour a disabled user''s keys again'
            cand delete 'Delete a user with everything that they own'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;users;create'= {
            cand --email 'E-mail address; no two users share one'
            cand --name 'Display name'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Check that the user can be created, and create nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;users;list'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;users;show'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;users;rotate'= {
            cand --grace 'How long the key before still works, such as 24h or 7d'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Check that the key can be replaced, and replace nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;users;disable'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Say what would change, and change nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;users;enable'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Say what would change, and change nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;users;delete'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Say what would be lost, and delete nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;users;help'= {
            cand create 'Create a user and print their API key'
            cand list 'List the users'
            cand show 'Show a user, their keys'' ages, projects and instances'
            cand rotate 'Replace a user''s API key and print the new one'
            cand disable 'Stop honouring a user''s keys'
            cand enable 'Honour a disabled user''s keys again'
            cand delete 'Delete a user with everything that they own'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;users;help;create'= {
        }
        &'embsec;users;help;list'= {
        }
        &'embsec;users;help;show'= {
        }
        &'embsec;users;help;rotate'= {
        }
        &'embsec;users;help;disable'= {
        }
        &'embsec;users;help;enable'= {
        }
        &'embsec;users;help;delete'= {
        }
        &'embsec;users;help;help'= {
        }
        &'embsec;projects'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List the projects of everybody'
            cand show 'Show a project, what of it is sealed, and with whom it is shared'
            cand set 'Set what of a project is sealed when it is written'
            cand delete 'Take a project out of service'
            cand undelete 'Bring a deleted project back'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;projects;list'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --deleted 'List the deleted projects instead, and until when each can be brought back'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;projects;show'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;projects;set'= {
            cand --encrypt-text 'Whether texts are sealed'
            cand --encrypt-metadata 'Whether metadata are sealed'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Say what would change, and change nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;projects;delete'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Say what would go, and delete nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;projects;undelete'= {
            cand --as 'Give it another handle, when its own is taken'
            cand --id 'Which one, when several projects had that name: its id in `embsec projects list --deleted`'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Check that it can be brought back, and change nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;projects;help'= {
            cand list 'List the projects of everybody'
            cand show 'Show a project, what of it is sealed, and with whom it is shared'
            cand set 'Set what of a project is sealed when it is written'
            cand delete 'Take a project out of service'
            cand undelete 'Bring a deleted project back'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;projects;help;list'= {
        }
        &'embsec;projects;help;show'= {
        }
        &'embsec;projects;help;set'= {
        }
        &'embsec;projects;help;delete'= {
        }
        &'embsec;projects;help;undelete'= {
        }
        &'embsec;projects;help;help'= {
        }
        &'embsec;backup'= {
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --portable 'Write tables just as `COPY` takes them: the backup is larger, and `age` and `zstd` alone decode it'
            cand --dry-run 'Check everything that can stop a backup, and make none'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand create 'Make an encrypted backup, and read it back before it is called one'
            cand list 'List the backups of the destination, and what is known of each'
            cand show 'Show a backup: its size, the keys that it needs, and what was done with it'
            cand verify 'Verify a backup, up to a level, and say what each level proved'
            cand decode 'Turn a part of a backup back into what it was'
            cand prune 'Remove backups that no rule of retention keeps'
            cand sync 'Copy backups to another destination: a folder or an S3-compatible store'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;backup;create'= {
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --portable 'Write tables just as `COPY` takes them: the backup is larger, and `age` and `zstd` alone decode it'
            cand --dry-run 'Check everything that can stop a backup, and make none'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;backup;list'= {
            cand --destination 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;backup;show'= {
            cand --identity-file 'The identity of a recipient: a file that only you can read, or `env:NAME`, `credential:NAME` or `cmd:…`'
            cand --destination 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;backup;verify'= {
            cand --level 'The level to prove, from 0 to 4'
            cand --identity-file 'The identity of a recipient: a file that only you can read, or `env:NAME`, `credential:NAME` or `cmd:…`'
            cand --destination 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`'
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;backup;decode'= {
            cand --table 'A table: SCHEMA.NAME'
            cand --file 'A file, by a name that `embsec backup show ID --identity-file FILE` lists'
            cand --segment 'One segment, by its number, from 1'
            cand --out 'Write it to this new file'
            cand --identity-file 'The identity of a recipient: a file that only you can read, or `env:NAME`, `credential:NAME` or `cmd:…`'
            cand --destination 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`'
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;backup;prune'= {
            cand --tier 'Keep as many as a destination of this kind usually keeps, instead of `backup.keep_…`'
            cand --pin 'Keep this backup whatever its age, until it is unpinned; nothing is removed now'
            cand --unpin 'Treat this backup as any other again; nothing is removed now'
            cand --destination 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`'
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --explain 'Name the rules that keep each backup'
            cand --dry-run 'Print the plan and remove nothing, whatever else is said'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;backup;sync'= {
            cand --to 'Where to: a folder, or `s3://BUCKET/PREFIX`'
            cand --destination 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`'
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Say what would be sent, and send nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;backup;help'= {
            cand create 'Make an encrypted backup, and read it back before it is called one'
            cand list 'List the backups of the destination, and what is known of each'
            cand show 'Show a backup: its size, the keys that it needs, and what was done with it'
            cand verify 'Verify a backup, up to a level, and say what each level proved'
            cand decode 'Turn a part of a backup back into what it was'
            cand prune 'Remove backups that no rule of retention keeps'
            cand sync 'Copy backups to another destination: a folder or an S3-compatible store'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;backup;help;create'= {
        }
        &'embsec;backup;help;list'= {
        }
        &'embsec;backup;help;show'= {
        }
        &'embsec;backup;help;verify'= {
        }
        &'embsec;backup;help;decode'= {
        }
        &'embsec;backup;help;prune'= {
        }
        &'embsec;backup;help;sync'= {
        }
        &'embsec;backup;help;help'= {
        }
        &'embsec;restore'= {
            cand --into 'Where to: the URL of an empty PostgreSQL database, or a new file'
            cand --identity-file 'The identity of a recipient: a file that only you can read, or `env:NAME`, `credential:NAME` or `cmd:…`'
            cand --destination 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`'
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Check everything that can stop the restore, and restore nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand swap 'Put what was restored in the place of the deployment''s database'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;restore;swap'= {
            cand --destination 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --dry-run 'Say what would be put where, and do nothing'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;restore;help'= {
            cand swap 'Put what was restored in the place of the deployment''s database'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;restore;help;swap'= {
        }
        &'embsec;restore;help;help'= {
        }
        &'embsec;restore-test'= {
            cand --into 'Restore into a new database on this server, which is dropped again'
            cand --key-file 'For a backup of embapi or llm-proxy: the file of its key, which is else taken from the variable `ENCRYPTION_KEY`'
            cand --metrics-file 'Write how it ended to this file, for the textfile collector of Prometheus'
            cand --identity-file 'The identity of a recipient: a file that only you can read, or `env:NAME`, `credential:NAME` or `cmd:…`'
            cand --destination 'Look here instead of in `backup.destination`: a folder, or `s3://BUCKET/PREFIX`'
            cand --progress 'Tell how far it came, on stderr, in this way'
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --newest 'The newest backup'
            cand --rotate 'The newest one, and the one whose last test is the longest ago: so every backup has its turn'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;config'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand show 'Show every setting, its value and where the value comes from'
            cand check 'Check the configuration, combinations and secrets included'
            cand schema 'Print the JSON Schema of `embsec.toml`, for editors'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;config;show'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;config;check'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;config;schema'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;config;help'= {
            cand show 'Show every setting, its value and where the value comes from'
            cand check 'Check the configuration, combinations and secrets included'
            cand schema 'Print the JSON Schema of `embsec.toml`, for editors'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;config;help;show'= {
        }
        &'embsec;config;help;check'= {
        }
        &'embsec;config;help;schema'= {
        }
        &'embsec;config;help;help'= {
        }
        &'embsec;completions'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;man'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
            cand --database 'Work on this database, instead of the one of `database.url`'
            cand -o 'Print the result in this form'
            cand --output 'Print the result in this form'
            cand --color 'Use colours'
            cand --json 'Print the result as JSON: short for `--output json`'
            cand -q 'Say nothing but warnings and errors'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -y 'Answer every question with yes, for scripts'
            cand --yes 'Answer every question with yes, for scripts'
            cand --no-input 'Never ask: refuse what needs an answer'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'embsec;help'= {
            cand init 'Make a deployment: configuration, keys and database in a folder of its own'
            cand serve 'Run the API'
            cand keys 'Make, show and look after the keys of a deployment'
            cand migrate 'Bring the schema up to date, move data in and out, encrypt what is in clear'
            cand users 'Create, show and manage the users of the API and their keys'
            cand projects 'Show projects, set what of them is sealed, delete them and bring them back'
            cand backup 'Make encrypted backups, look at them, thin them out, send them elsewhere'
            cand restore 'Restore a backup into an empty database or a new file'
            cand restore-test 'Restore a backup into a throwaway place, and prove that it means what it meant'
            cand config 'Show, check and describe the configuration'
            cand completions 'Print the completions of a shell'
            cand man 'Print a page of the manual'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;help;init'= {
        }
        &'embsec;help;serve'= {
        }
        &'embsec;help;keys'= {
            cand generate 'Make a new secret'
            cand list 'List the keys of the keyring and of the database'
            cand show 'Show what is known of one key, or of all'
            cand retire 'Keep a key, and use it for nothing new'
            cand destroy 'Destroy a retired key, or one that was never used, for good'
            cand split 'Split the keyring into shares for several holders'
            cand combine 'Combine shares of a keyring and write it to a new file'
            cand escrow 'Seal a copy of the keyring for recipients, to be kept apart from backups'
            cand recover 'Put the keyring back from its escrow copy'
            cand drill 'Prove that the keys could be recovered from the escrow copy or the shares'
            cand rotate 'Replace keys by new ones, while servers run'
            cand shred 'Destroy the keys of deleted projects for good, and then their rows'
        }
        &'embsec;help;keys;generate'= {
            cand admin 'Make an administrator''s key'
            cand master 'Make a keyring with a new master key, and a key that signs backups'
            cand password 'Make a password for a program, such as a role of PostgreSQL'
            cand backup-signing 'Make the key that signs backups, in the keyring'
            cand backup-recipient 'Make an age identity that opens backups, and print its recipient'
        }
        &'embsec;help;keys;generate;admin'= {
        }
        &'embsec;help;keys;generate;master'= {
        }
        &'embsec;help;keys;generate;password'= {
        }
        &'embsec;help;keys;generate;backup-signing'= {
        }
        &'embsec;help;keys;generate;backup-recipient'= {
        }
        &'embsec;help;keys;list'= {
        }
        &'embsec;help;keys;show'= {
        }
        &'embsec;help;keys;retire'= {
        }
        &'embsec;help;keys;destroy'= {
        }
        &'embsec;help;keys;split'= {
        }
        &'embsec;help;keys;combine'= {
        }
        &'embsec;help;keys;escrow'= {
        }
        &'embsec;help;keys;recover'= {
        }
        &'embsec;help;keys;drill'= {
        }
        &'embsec;help;keys;rotate'= {
            cand master 'Replace the master key, which seals the data keys'
            cand data 'Replace the keys that seal provider keys, texts and metadata, and seal everything anew'
            cand admin 'Replace the administrator''s key and print the new one'
            cand target 'Give an embapi or llm-proxy service another key'
            cand backup-signing 'Replace the key that signs backups'
            cand backup-recipient 'Seal the backups that are there to other recipients'
        }
        &'embsec;help;keys;rotate;master'= {
        }
        &'embsec;help;keys;rotate;data'= {
        }
        &'embsec;help;keys;rotate;admin'= {
        }
        &'embsec;help;keys;rotate;target'= {
        }
        &'embsec;help;keys;rotate;backup-signing'= {
        }
        &'embsec;help;keys;rotate;backup-recipient'= {
        }
        &'embsec;help;keys;shred'= {
        }
        &'embsec;help;migrate'= {
            cand up 'Bring the schema of the database to the newest version'
            cand status 'Tell whether the schema of the database is up to date'
            cand import 'Move another database into this deployment, with its keys and ids'
            cand export 'Move this deployment into an empty database, in the form that embapi has'
            cand encrypt-status 'Tell what in a database is encrypted, what is in clear, and what does not open'
            cand encrypt 'Encrypt what a database has in clear: a deployment''s own, or that of another program'
            cand decrypt 'Bring back in clear what a database has encrypted: a deployment''s own, or that of another program'
        }
        &'embsec;help;migrate;up'= {
        }
        &'embsec;help;migrate;status'= {
        }
        &'embsec;help;migrate;import'= {
        }
        &'embsec;help;migrate;export'= {
        }
        &'embsec;help;migrate;encrypt-status'= {
        }
        &'embsec;help;migrate;encrypt'= {
        }
        &'embsec;help;migrate;decrypt'= {
        }
        &'embsec;help;users'= {
            cand create 'Create a user and print their API key'
            cand list 'List the users'
            cand show 'Show a user, their keys'' ages, projects and instances'
            cand rotate 'Replace a user''s API key and print the new one'
            cand disable 'Stop honouring a user''s keys'
            cand enable 'Honour a disabled user''s keys again'
            cand delete 'Delete a user with everything that they own'
        }
        &'embsec;help;users;create'= {
        }
        &'embsec;help;users;list'= {
        }
        &'embsec;help;users;show'= {
        }
        &'embsec;help;users;rotate'= {
        }
        &'embsec;help;users;disable'= {
        }
        &'embsec;help;users;enable'= {
        }
        &'embsec;help;users;delete'= {
        }
        &'embsec;help;projects'= {
            cand list 'List the projects of everybody'
            cand show 'Show a project, what of it is sealed, and with whom it is shared'
            cand set 'Set what of a project is sealed when it is written'
            cand delete 'Take a project out of service'
            cand undelete 'Bring a deleted project back'
        }
        &'embsec;help;projects;list'= {
        }
        &'embsec;help;projects;show'= {
        }
        &'embsec;help;projects;set'= {
        }
        &'embsec;help;projects;delete'= {
        }
        &'embsec;help;projects;undelete'= {
        }
        &'embsec;help;backup'= {
            cand create 'Make an encrypted backup, and read it back before it is called one'
            cand list 'List the backups of the destination, and what is known of each'
            cand show 'Show a backup: its size, the keys that it needs, and what was done with it'
            cand verify 'Verify a backup, up to a level, and say what each level proved'
            cand decode 'Turn a part of a backup back into what it was'
            cand prune 'Remove backups that no rule of retention keeps'
            cand sync 'Copy backups to another destination: a folder or an S3-compatible store'
        }
        &'embsec;help;backup;create'= {
        }
        &'embsec;help;backup;list'= {
        }
        &'embsec;help;backup;show'= {
        }
        &'embsec;help;backup;verify'= {
        }
        &'embsec;help;backup;decode'= {
        }
        &'embsec;help;backup;prune'= {
        }
        &'embsec;help;backup;sync'= {
        }
        &'embsec;help;restore'= {
            cand swap 'Put what was restored in the place of the deployment''s database'
        }
        &'embsec;help;restore;swap'= {
        }
        &'embsec;help;restore-test'= {
        }
        &'embsec;help;config'= {
            cand show 'Show every setting, its value and where the value comes from'
            cand check 'Check the configuration, combinations and secrets included'
            cand schema 'Print the JSON Schema of `embsec.toml`, for editors'
        }
        &'embsec;help;config;show'= {
        }
        &'embsec;help;config;check'= {
        }
        &'embsec;help;config;schema'= {
        }
        &'embsec;help;completions'= {
        }
        &'embsec;help;man'= {
        }
        &'embsec;help;help'= {
        }
    ]
    $completions[$command]
}

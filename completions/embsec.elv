
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
            cand generate 'Make a new secret, without taking it into use'
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
            cand master 'Make a keyring with one new master key'
            cand password 'Make a password for a program, such as a role of PostgreSQL'
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
        &'embsec;keys;generate;help'= {
            cand admin 'Make an administrator''s key'
            cand master 'Make a keyring with one new master key'
            cand password 'Make a password for a program, such as a role of PostgreSQL'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;keys;generate;help;admin'= {
        }
        &'embsec;keys;generate;help;master'= {
        }
        &'embsec;keys;generate;help;password'= {
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
        &'embsec;keys;rotate;help'= {
            cand master 'Replace the master key, which seals the data keys'
            cand data 'Replace the keys that seal provider keys, texts and metadata, and seal everything anew'
            cand admin 'Replace the administrator''s key and print the new one'
            cand target 'Give an embapi or llm-proxy service another key'
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
            cand generate 'Make a new secret, without taking it into use'
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
            cand master 'Make a keyring with one new master key'
            cand password 'Make a password for a program, such as a role of PostgreSQL'
        }
        &'embsec;keys;help;generate;admin'= {
        }
        &'embsec;keys;help;generate;master'= {
        }
        &'embsec;keys;help;generate;password'= {
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
        }
        &'embsec;keys;help;rotate;master'= {
        }
        &'embsec;keys;help;rotate;data'= {
        }
        &'embsec;keys;help;rotate;admin'= {
        }
        &'embsec;keys;help;rotate;target'= {
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
            cand generate 'Make a new secret, without taking it into use'
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
            cand master 'Make a keyring with one new master key'
            cand password 'Make a password for a program, such as a role of PostgreSQL'
        }
        &'embsec;help;keys;generate;admin'= {
        }
        &'embsec;help;keys;generate;master'= {
        }
        &'embsec;help;keys;generate;password'= {
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
        }
        &'embsec;help;keys;rotate;master'= {
        }
        &'embsec;help;keys;rotate;data'= {
        }
        &'embsec;help;keys;rotate;admin'= {
        }
        &'embsec;help;keys;rotate;target'= {
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

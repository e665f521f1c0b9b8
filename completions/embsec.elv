
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
            cand config 'Show, check and describe the configuration'
            cand completions 'Print the completions of a shell'
            cand man 'Print a page of the manual'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'embsec;config'= {
            cand --dir 'Work on the deployment in this folder'
            cand --config 'Read this configuration file'
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
            cand config 'Show, check and describe the configuration'
            cand completions 'Print the completions of a shell'
            cand man 'Print a page of the manual'
            cand help 'Print this message or the help of the given subcommand(s)'
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

{
  "entries": [
    {
      "generation": 1,
      "sha256": "7b31f000f4aac353875ea12f0471d45badeaf5a9c359b424bc6e27a12a417f1a",
      "key_id": "44tpiqzqo3kihyno",
      "public_key": "embsec-sign-1:Lx_ezgCLfpirZX940VLTsZQ7-dtVGqwK2zphCpXa3vA",
      "signature": "pGkn4RxXUO4WtQxFbOoiLtEteY9BMei7KwNLNJnxVz8NbJU-ZmATXRevy1NO0Kj-X14GLTeX9BoC5Qq-dwveDg"
    }
  ]
}

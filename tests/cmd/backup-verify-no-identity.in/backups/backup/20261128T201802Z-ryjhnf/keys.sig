{
  "entries": [
    {
      "generation": 1,
      "sha256": "f6b21310c4ec96dc04e3aea4ca612f0c88d7c024e61e79873e86ad74818d2cdb",
      "key_id": "44tpiqzqo3kihyno",
      "public_key": "embsec-sign-1:Lx_ezgCLfpirZX940VLTsZQ7-dtVGqwK2zphCpXa3vA",
      "signature": "EbhImr9irbfKXr8NK_XsBg8zoP0oA4C0J57acQz5ajxJoYkd6xDi66JIld4fzHLQnBJSuWj0yLNDrmeI9jcIBg"
    }
  ]
}

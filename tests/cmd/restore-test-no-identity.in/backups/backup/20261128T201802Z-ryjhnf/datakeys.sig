{
  "entries": [
    {
      "generation": 1,
      "sha256": "32666cf8af5c2667c999d9e815420c621c267460f8e357362faabe3e8a200a82",
      "key_id": "44tpiqzqo3kihyno",
      "public_key": "embsec-sign-1:Lx_ezgCLfpirZX940VLTsZQ7-dtVGqwK2zphCpXa3vA",
      "signature": "nhHchoxJbCfjzKj7Nzkis9cJ8z3fTiyAhPWQ6gcaZn2MY2B7440V_YJ7jejT-pSMM3kZ35ySaZheYRnPWA58Ag"
    }
  ]
}

"""How vendors are talked to, decided without talking: provider data and jobs to requests, responses to answers."""

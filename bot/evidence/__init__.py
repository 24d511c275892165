"""Pictures that prove something: `store.FileEvidence` checks them, keeps them by content hash, makes them fit for a platform."""

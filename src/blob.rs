//! Where backups are kept: a folder, or a store that speaks S3.
//!
//! Here a destination is names and bytes: written once, compared after writing, listed, removed,
//! and used by one process at a time. What the bytes mean is known in [`crate::backup`] alone.

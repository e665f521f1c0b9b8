//! Where backups go, as it is written: a folder, or `s3://bucket/prefix`.

use std::fmt;
use std::path::{Path, PathBuf};

/// How a destination in a store that speaks S3 begins.
const S3_SCHEME: &str = "s3://";

/// A place for backups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket of a store that speaks S3.
    S3 {
        /// Its name.
        bucket: String,
        /// What all names in it begin with, without a slash at either end; may be empty.
        prefix: String,
    },
}

/// Why a text is no destination. It may hold a password by mistake, so it is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// Nothing.
    #[error("a destination is a folder or `s3://bucket/prefix`, and this is empty")]
    Empty,
    /// Another scheme.
    #[error("a destination is a folder or `s3://bucket/prefix`, without another scheme")]
    Scheme,
    /// Keys in the place of the bucket.
    #[error("a destination holds no keys; they have settings of their own")]
    Credentials,
    /// No bucket has such a name.
    #[error(
        "a bucket's name has 3 to 63 lower-case letters, digits, `-` and `.`, and begins and ends \
         with a letter or digit"
    )]
    Bucket,
    /// A prefix that stores understand differently.
    #[error(
        "a prefix has letters, digits, `-`, `_` and `.`, and no part of it is empty or begins \
         with a dot"
    )]
    Prefix,
}

impl Destination {
    /// Reads a destination. A relative folder stays relative.
    ///
    /// # Errors
    ///
    /// [`DestinationError`].
    pub fn parse(text: &str) -> Result<Self, DestinationError> {
        if text.is_empty() {
            return Err(DestinationError::Empty);
        }
        let Some(rest) = text.strip_prefix(S3_SCHEME) else {
            // `s3:/bucket` must not become the name of a folder.
            return if has_scheme(text) || text.starts_with("s3:") {
                Err(DestinationError::Scheme)
            } else {
                Ok(Self::Folder(PathBuf::from(text)))
            };
        };
        if rest.contains('@') {
            return Err(DestinationError::Credentials);
        }
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        if !is_bucket(bucket) {
            return Err(DestinationError::Bucket);
        }
        if !prefix.is_empty() && !prefix.split('/').all(is_part) {
            return Err(DestinationError::Prefix);
        }
        Ok(Self::S3 {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }

    /// The same with a relative folder taken from `base`.
    #[must_use]
    pub fn below(self, base: &Path) -> Self {
        match self {
            Self::Folder(path) => Self::Folder(base.join(path)),
            s3 @ Self::S3 { .. } => s3,
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::S3 { bucket, prefix } if prefix.is_empty() => {
                write!(f, "{S3_SCHEME}{bucket}")
            }
            Self::S3 { bucket, prefix } => write!(f, "{S3_SCHEME}{bucket}/{prefix}"),
        }
    }
}

/// Whether the text begins with a scheme of RFC 3986, whatever its case.
fn has_scheme(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        !scheme.is_empty() && scheme.bytes().all(allowed)
    })
}

fn is_bucket(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name
            .bytes()
            .all(|byte| plain(byte) || b"-.".contains(&byte))
        && name.bytes().next().is_some_and(plain)
        && name.bytes().next_back().is_some_and(plain)
        && !name.contains("..")
}

/// Whether this may stand between two slashes of a name, in a folder and in every store alike.
#[must_use]
pub fn is_part(part: &str) -> bool {
    !part.is_empty()
        && part.len() <= 255
        && !part.starts_with('.')
        && part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s3(bucket: &str, prefix: &str) -> Result<Destination, DestinationError> {
        Ok(Destination::S3 {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }

    #[test]
    fn a_folder_and_a_bucket_are_read_and_written() {
        for text in [
            "backups",
            "/var/backups/embsec",
            "s3://bucket",
            "s3://a.b-1/x/y_2",
        ] {
            assert_eq!(Destination::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Destination::parse("s3://bucket/"), s3("bucket", ""));
        assert_eq!(Destination::parse("s3://bucket/x/"), s3("bucket", "x"));
    }

    #[test]
    fn a_relative_folder_is_taken_from_the_base() {
        let below = |text| Destination::parse(text).unwrap().below(Path::new("/etc/x"));
        assert_eq!(
            below("backups"),
            Destination::Folder("/etc/x/backups".into())
        );
        assert_eq!(below("/backups"), Destination::Folder("/backups".into()));
        assert_eq!(below("s3://bucket/p").to_string(), "s3://bucket/p");
    }

    #[test]
    fn what_is_no_destination_says_why_and_repeats_nothing() {
        use DestinationError::{Bucket, Credentials, Empty, Prefix, Scheme};
        let cases = [
            ("", Empty),
            ("gs://bucket", Scheme),
            ("S3://bucket", Scheme),
            ("https://s3.example/bucket", Scheme),
            ("s3://key:hunter2@bucket/x", Credentials),
            ("s3://", Bucket),
            ("s3:///x", Bucket),
            ("s3://ab", Bucket),
            ("s3://Bucket", Bucket),
            ("s3://-bucket", Bucket),
            ("s3://bu..cket", Bucket),
            ("s3://bucket?versionId=1", Bucket),
            ("s3://bucket//x", Prefix),
            ("s3://bucket/../x", Prefix),
            ("s3://bucket/x y", Prefix),
            ("s3://bucket/x\n", Prefix),
            ("s3://bucket/.hidden", Prefix),
        ];
        for (text, why) in cases {
            let error = Destination::parse(text).unwrap_err();
            assert_eq!(error, why, "{text}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }
}

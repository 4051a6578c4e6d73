//! One macro for the enums that are stored, sent and shown as a word.

/// Declares an enum whose variants are words: `as_str`, `FromStr`, `Display`, serde, OpenAPI and
/// (with `server`) a TEXT column on both databases.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:tt),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
        $vis enum $name { $($(#[$vmeta])* #[serde(rename = $word)] #[cfg_attr(feature = "server", schema(rename = $word))] $variant),+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word that is stored and sent.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok($name::$variant),)+
                    other => Err(format!("{other:?} is none of: {}", [$($word),+].join(", "))),
                }
            }
        }

        #[cfg(feature = "server")]
        const _: () = {
            impl<DB: sqlx::Database> sqlx::Type<DB> for $name where str: sqlx::Type<DB> {
                fn type_info() -> DB::TypeInfo { <str as sqlx::Type<DB>>::type_info() }
                fn compatible(ty: &DB::TypeInfo) -> bool { <str as sqlx::Type<DB>>::compatible(ty) }
            }
            impl<'q, DB: sqlx::Database> sqlx::Encode<'q, DB> for $name where &'static str: sqlx::Encode<'q, DB> {
                fn encode_by_ref(&self, buf: &mut <DB as sqlx::Database>::ArgumentBuffer)
                    -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                    <&'static str as sqlx::Encode<'q, DB>>::encode(self.as_str(), buf)
                }
            }
            impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $name where &'r str: sqlx::Decode<'r, DB> {
                fn decode(value: <DB as sqlx::Database>::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                    Ok(<&'r str as sqlx::Decode<'r, DB>>::decode(value)?.parse::<$name>()?)
                }
            }
        };
    };
}

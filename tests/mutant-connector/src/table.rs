//! What a table of mutants is: one for each bank whose connector has some.

/// A connector with one bug.
#[derive(Debug)]
pub struct Mutant {
    /// What the switch is set to.
    pub name: &'static str,
    /// What it does.
    pub does: &'static str,
    /// The real bug it stands for, with where it was seen where it was.
    pub story: &'static str,
    /// The checks that fail. All others pass, or come to nothing where the component cannot be used at all.
    pub fails: &'static [&'static str],
    /// Names in the component's bytes to replace, besides the switch.
    pub patch: &'static [(&'static str, &'static str)],
}

macro_rules! mutants {
    ($($name:ident {
        bug: $does:literal,
        story: $story:literal,
        $(patch: [$($patch:expr),*],)?
        fails: $fails:expr,
    })*) => {
        /// The bugs that the component can show.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Bug {
            $(#[doc = $does] $name,)*
        }

        impl Bug {
            /// The bug that a switch names.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($name) => Some(Self::$name),)*
                    _ => None,
                }
            }
        }

        /// All of them, in the order of the groups of checks that they are for.
        pub static MUTANTS: &[$crate::table::Mutant] = &[$($crate::table::Mutant {
            name: stringify!($name),
            does: $does,
            story: $story,
            fails: &$fails,
            patch: &[$($($patch),*)?],
        },)*];
    };
}
pub(crate) use mutants;

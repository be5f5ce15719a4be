//! A connector that breaks one rule at a time.

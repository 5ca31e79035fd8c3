//! The story every engine must pass.

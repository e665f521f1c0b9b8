//! Rotations of data keys, of the master key and of the administrator's key: what is stored
//! afterwards, what a killed run leaves, and who stands in the way.

mod admin;
mod data;
mod master;

// What an option's value must be, checked before a command runs.
#pragma once

#include <CLI/CLI.hpp>

namespace galvatron {

// A number above zero.
CLI::Validator positive_number();

// A number from 0 to 1.
CLI::Validator share_of_one();

// A file that can be written, so that no long work is lost over a folder that does not exist.
CLI::Validator writable_file();

// Throws CLI::ValidationError where an option of the command was given an empty text, as from a
// variable of the shell that is not set.
void require_values(const CLI::App& command);

}  // namespace galvatron

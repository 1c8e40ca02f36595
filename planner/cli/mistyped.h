// The command or flag that a mistyped one most likely meant.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace galvatron {

// "did you mean --global-batch?" for the arguments that `app` could not place, or empty.
std::string mistyped_hint(const CLI::App& app, const CLI::ParseError& error);

}  // namespace galvatron

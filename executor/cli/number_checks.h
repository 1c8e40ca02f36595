// Bounds of numbers on the command line. CLI11 has the same, with messages that quote the largest
// double.
#pragma once

#include <CLI/CLI.hpp>

namespace galvatron {

CLI::Validator above_zero();
CLI::Validator not_negative();

}  // namespace galvatron

// Errors of binary files, where a line and a column mean nothing.
#pragma once

#include <string>

namespace galvatron {

// Throws SpecError: `path: message`. `code` is the stable word for programs.
[[noreturn]] void refuse_file(const std::string& path, std::string code, std::string message);

}  // namespace galvatron

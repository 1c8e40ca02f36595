// Where the results go: whether it shows colour, and whether a person watches.
#pragma once

#include <string>
#include <string_view>

namespace galvatron {

struct Terminal {
  bool color = false;     // standard output is a terminal and NO_COLOR is not set
  bool progress = false;  // standard error is a terminal

  bool operator==(const Terminal&) const = default;
};

enum class Ink { plain, bold, dim, green, yellow, red };

// `text` with the escape codes of `ink`, or as it is on a terminal without colour.
std::string painted(const Terminal& terminal, Ink ink, std::string_view text);

}  // namespace galvatron

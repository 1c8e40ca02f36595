// UTF-8 as RFC 3629 defines it.
#pragma once

#include <cstddef>
#include <string_view>

namespace galvatron {

// Any byte of a character but its first.
constexpr bool is_utf8_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// Bytes of the character that `text` begins with; 0 if it begins with none. Refuses overlong
// forms, surrogates and code points above U+10FFFF. Requires a text that is not empty.
std::size_t utf8_length(std::string_view text);

}  // namespace galvatron

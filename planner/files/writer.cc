#include "planner/files/writer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cctype>
#include <cmath>

#include "planner/files/quantity.h"

namespace galvatron {
namespace {

constexpr std::size_t kIndent = 2;

// Letters, digits and marks that mean nothing to YAML anywhere in a plain word.
bool is_plain_character(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 ||
         std::string_view("_./+-()").find(byte) != std::string_view::npos;
}

// Whether some YAML reader takes `text` for a number: "12", "1e3", "0x1F", but not "1f1b".
bool is_number_like(std::string_view text) {
  if (text.size() > 1 && text[0] == '0' && std::isalpha(static_cast<unsigned char>(text[1])) != 0) {
    return true;
  }
  return std::isdigit(static_cast<unsigned char>(text.front())) != 0 &&
         text.find_first_not_of("0123456789._+-eE") == std::string_view::npos;
}

// Whether YAML reads `text`, written without quotes, as this very text and as nothing else.
bool is_plain_word(std::string_view text) {
  constexpr std::array<std::string_view, 9> kReserved{"null", "Null", "NULL", "true", "false",
                                                      "yes",  "no",   "on",   "off"};
  if (text.empty() || std::isalnum(static_cast<unsigned char>(text.front())) == 0) return false;
  if (is_number_like(text)) return false;
  if (std::find(kReserved.begin(), kReserved.end(), text) != kReserved.end()) return false;
  // Single spaces inside are fine; at the end they would be lost.
  return text.back() != ' ' && std::all_of(text.begin(), text.end(), [](char byte) {
           return byte == ' ' || is_plain_character(byte);
         });
}

std::string escaped(char byte) {
  switch (byte) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    default:
      break;
  }
  const auto code = static_cast<unsigned char>(byte);
  return code < 0x20 || code == 0x7F ? fmt::format("\\x{:02X}", code) : std::string(1, byte);
}

}  // namespace

std::string YamlWriter::number(double value) {
  assert(std::isfinite(value));
  return number_text(value);
}

std::string YamlWriter::word(std::string_view text) {
  if (is_plain_word(text)) return std::string(text);
  std::string quoted = "\"";
  for (const char byte : text) quoted += escaped(byte);
  return quoted + '"';
}

void YamlWriter::begin_line() {
  const auto spaces = kIndent * static_cast<std::size_t>(depth_);
  if (item_starts_) {
    text_ += std::string(spaces - kIndent, ' ') + "- ";
    item_starts_ = false;
  } else {
    text_.append(spaces, ' ');
  }
}

void YamlWriter::write_field(std::string_view key, const std::string& value) {
  begin_line();
  text_ += fmt::format("{}: {}\n", word(key), value);
}

void YamlWriter::write_flow(std::string_view key, const std::vector<std::string>& values) {
  write_field(key, fmt::format("[{}]", fmt::join(values, ", ")));
}

void YamlWriter::nested(std::string_view key, std::string_view if_empty, const Body& body) {
  begin_line();
  text_ += word(key) + ":\n";
  const std::size_t size_before = text_.size();
  ++depth_;
  body();
  --depth_;
  if (text_.size() == size_before) text_.insert(size_before - 1, fmt::format(" {}", if_empty));
}

void YamlWriter::map(std::string_view key, const Body& body) { nested(key, "{}", body); }

void YamlWriter::list(std::string_view key, const Body& body) { nested(key, "[]", body); }

void YamlWriter::item(const Body& body) {
  ++depth_;
  item_starts_ = true;
  body();
  if (item_starts_) {
    item_starts_ = false;
    text_ += std::string(kIndent * static_cast<std::size_t>(depth_ - 1), ' ') + "- {}\n";
  }
  --depth_;
}

void YamlWriter::comment(std::string_view text) {
  assert(!item_starts_ && text.find('\n') == std::string_view::npos);
  begin_line();
  text_ += fmt::format("# {}\n", text);
}

}  // namespace galvatron

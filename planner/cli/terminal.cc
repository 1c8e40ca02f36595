#include "planner/cli/terminal.h"

namespace galvatron {
namespace {

std::string_view escape_code(Ink ink) {
  switch (ink) {
    case Ink::plain:
      return "";
    case Ink::bold:
      return "\x1b[1m";
    case Ink::dim:
      return "\x1b[2m";
    case Ink::green:
      return "\x1b[32m";
    case Ink::yellow:
      return "\x1b[33m";
    case Ink::red:
      return "\x1b[31m";
  }
  return "";
}

}  // namespace

std::string painted(const Terminal& terminal, Ink ink, std::string_view text) {
  if (!terminal.color || ink == Ink::plain) return std::string(text);
  return std::string(escape_code(ink)) + std::string(text) + "\x1b[0m";
}

}  // namespace galvatron

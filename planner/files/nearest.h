// The known word that a mistyped one most likely meant: keys, commands, flags, values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace galvatron {

// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`
// (optimal string alignment).
int edit_distance(std::string_view a, std::string_view b);

// The known word with the least distance, the first one of several; empty if none is within a
// third of the word's length (at least one edit).
std::string nearest(std::string_view word, const std::vector<std::string>& known);

// "did you mean `global_batch`?", or empty if nothing is near.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace galvatron

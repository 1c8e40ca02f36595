// Small random planning problems in which every rule of the search has something to get wrong.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "planner/search/problem.h"
#include "planner/search/search.h"

namespace galvatron::search {

// A generator whose draws are the same on every platform.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  // Uniform in [low, high].
  std::int64_t roll(std::int64_t low, std::int64_t high) {
    const auto sides = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(engine_() % sides);
  }
  bool one_in(std::int64_t n) { return roll(1, n) == 1; }

 private:
  std::mt19937_64 engine_;
};

// Problems over one chain: 2 to 6 layers of 1 to 3 types in any order, 2 to 5 options, 1 to 3
// layouts, 1 to 4 stages, micro-batches that divide a batch, both schedules. Values are tiny
// (ties), small, or close to the limits of the range. About one chain in nine fits under no choice.
std::vector<Problem> random_problems(Dice& dice);

// Gives the problem one cut.
void roll_cut(Dice& dice, Problem& problem);

// Gives the problem one or two bonds if it has several stages; there may be no cut that keeps them.
void roll_bonds(Dice& dice, Problem& problem);

// A problem's relaxation, in which changes of layout are free, and problems that each keep only
// some options of the first type and of the last, some with bonds.
struct ProblemFamily {
  Problem list{};
  std::vector<Problem> members{};
};
std::vector<ProblemFamily> families_of(const std::vector<Problem>& problems, Dice& dice);

std::vector<Candidate> candidates_of(const std::vector<ProblemFamily>& families);

// Schedules alternate with the index; the given bound is zero.
std::vector<Candidate> candidates_of(const std::vector<Problem>& problems);

}  // namespace galvatron::search

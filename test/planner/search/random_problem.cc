#include "test/planner/search/random_problem.h"

#include <algorithm>

namespace galvatron::search {
namespace {

struct Ranges {
  Time time = 0;
  Size bytes = 0;
};

Ranges roll_ranges(Dice& dice) {
  switch (dice.roll(0, 3)) {
    case 0:
      return {.time = 4, .bytes = 4};
    case 1:
      return {.time = 60, .bytes = 60};
    case 2:
      return {.time = 1'000'000'000'000, .bytes = 20'000'000'000};
    default:
      return {.time = 4'000'000'000'000'000, .bytes = 3'000'000'000'000'000};
  }
}

// Zero, small or up to five times as large as times.
Time roll_extra(Dice& dice, Time range) {
  switch (dice.roll(0, 2)) {
    case 0:
      return 0;
    case 1:
      return dice.roll(0, range / 4);
    default:
      return dice.roll(0, 5 * range);
  }
}

Time roll_backward(Dice& dice, Time time) {
  switch (dice.roll(0, 2)) {
    case 0:
      return 2 * time / 3;
    case 1:
      return dice.roll(0, time);
    default:
      return dice.roll(time / 2, 3 * time / 4);
  }
}

std::vector<Toll> roll_tolls(Dice& dice, const Ranges& ranges, int count) {
  std::vector<Toll> tolls;
  if (dice.one_in(3)) return tolls;
  for (int i = 0; i < count; ++i) {
    tolls.push_back(
        {.time = dice.roll(0, ranges.time / 3), .transient = dice.roll(0, ranges.bytes)});
  }
  return tolls;
}

LayerType roll_type(Dice& dice, const Ranges& ranges, const Problem& problem) {
  LayerType type{.enter = roll_tolls(dice, ranges, problem.layouts),
                 .leave = roll_tolls(dice, ranges, problem.layouts),
                 .switch_table = static_cast<int>(
                     dice.roll(0, static_cast<std::int64_t>(problem.switches.size()) - 1))};
  if (dice.one_in(3)) type.enter_bytes = dice.roll(0, ranges.bytes / 8);
  if (dice.one_in(3)) type.leave_bytes = dice.roll(0, ranges.bytes / 8);
  const std::int64_t options = dice.roll(2, 5);
  const bool has_sync = !dice.one_in(3), has_optimizer = !dice.one_in(3);
  for (std::int64_t i = 0; i < options; ++i) {
    const Time time = dice.roll(0, ranges.time);
    type.options.push_back({.layout = static_cast<int>(dice.roll(0, problem.layouts - 1)),
                            .time = time,
                            .backward = roll_backward(dice, time),
                            .sync = has_sync ? roll_extra(dice, ranges.time) : 0,
                            .optimizer = has_optimizer ? roll_extra(dice, ranges.time) : 0,
                            .states = dice.roll(0, ranges.bytes),
                            .activations = dice.roll(0, ranges.bytes / 2),
                            .transient = dice.one_in(2) ? dice.roll(0, ranges.bytes) : 0});
  }
  return type;
}

Problem roll_chain(Dice& dice) {
  const Ranges ranges = roll_ranges(dice);
  Problem chain{.layouts = static_cast<int>(dice.roll(1, 3)), .switches = {}};
  const std::int64_t tables = dice.roll(1, 2);
  for (std::int64_t i = 0; i < tables; ++i) {
    chain.switches.push_back({roll_tolls(dice, ranges, chain.layouts * chain.layouts)});
  }
  const std::int64_t types = dice.roll(1, 3), layers = dice.roll(2, 6);
  for (std::int64_t i = 0; i < types; ++i) chain.types.push_back(roll_type(dice, ranges, chain));
  for (std::int64_t i = 0; i < layers; ++i) {
    chain.layers.push_back(static_cast<int>(dice.roll(0, types - 1)));
  }
  // A stage of average length, half full on average.
  chain.memory_budget = ranges.bytes * dice.roll(2, 4 + 2 * layers) / 4 + dice.roll(0, 3);
  chain.constant_time = dice.one_in(2) ? dice.roll(0, ranges.time) : 0;
  return chain;
}

// Keeps the options whose index leaves this remainder: what the layers of the type have in common.
void keep_part(LayerType& type, std::size_t parts, std::size_t part) {
  std::vector<Option> kept;
  for (std::size_t index = 0; index < type.options.size(); ++index) {
    if (index % parts == part) kept.push_back(type.options[index]);
  }
  type.options = std::move(kept);
}

}  // namespace

std::vector<Problem> random_problems(Dice& dice) {
  const Problem chain = roll_chain(dice);
  constexpr std::int64_t kBatches[] = {1, 2, 4, 6, 12};
  std::vector<Problem> problems;
  const std::int64_t count = dice.roll(1, 4);
  for (std::int64_t i = 0; i < count; ++i) {
    Problem problem = chain;
    const auto layers = static_cast<std::int64_t>(chain.layers.size());
    const int pipeline = static_cast<int>(dice.roll(1, std::min<std::int64_t>(4, layers)));
    problem.micro_batches = kBatches[dice.roll(0, 4)];
    const Size fixed = dice.one_in(3) ? dice.roll(0, chain.memory_budget / 4) : 0;
    problem.stages = problems.size() % 2 == 0
                         ? one_forward_one_backward_stages(pipeline, problem.micro_batches, fixed)
                         : gpipe_stages(pipeline, problem.micro_batches, fixed);
    problems.push_back(problem);
  }
  return problems;
}

void roll_cut(Dice& dice, Problem& problem) {
  const std::size_t stages = problem.stages.size();
  problem.stage_begin = {0};
  while (problem.stage_begin.size() < stages) {
    const std::size_t later = stages - problem.stage_begin.size();
    problem.stage_begin.push_back(static_cast<int>(dice.roll(
        problem.stage_begin.back() + 1, static_cast<std::int64_t>(problem.layers.size() - later))));
  }
}

void roll_bonds(Dice& dice, Problem& problem) {
  if (problem.stages.size() == 1) return;
  const auto last = static_cast<std::int64_t>(problem.layers.size()) - 1;
  for (std::int64_t bonds = dice.roll(1, 2); bonds > 0; --bonds) {
    const std::int64_t one = dice.roll(0, last), step = dice.roll(1, last);
    problem.bonds.push_back({.one = static_cast<int>(one),
                             .other = static_cast<int>((one + step) % (last + 1)),
                             .together = dice.one_in(2)});
  }
}

std::vector<Candidate> candidates_of(const std::vector<Problem>& problems) {
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < problems.size(); ++i) {
    const Problem& problem = problems[i];
    candidates.push_back({.pipeline = static_cast<int>(problem.stages.size()),
                          .micro_batches = problem.micro_batches,
                          .schedule = static_cast<int>(i % 2),
                          .build = [problem] { return problem; }});
  }
  return candidates;
}

std::vector<ProblemFamily> families_of(const std::vector<Problem>& problems, Dice& dice) {
  constexpr std::size_t kParts = 2;
  std::vector<ProblemFamily> families;
  for (const Problem& problem : problems) {
    ProblemFamily family{.list = problem};
    for (SwitchTable& table : family.list.switches) table.tolls.clear();
    for (std::size_t part = 0; part < kParts; ++part) {
      Problem member = problem;
      keep_part(member.types.front(), kParts, part);
      if (member.types.size() > 1) keep_part(member.types.back(), kParts, part);
      if (dice.one_in(2)) roll_bonds(dice, member);
      family.members.push_back(std::move(member));
    }
    families.push_back(std::move(family));
  }
  return families;
}

std::vector<Candidate> candidates_of(const std::vector<ProblemFamily>& families) {
  std::vector<Problem> lists;
  for (const ProblemFamily& family : families) lists.push_back(family.list);
  std::vector<Candidate> candidates = candidates_of(lists);
  for (std::size_t i = 0; i < families.size(); ++i) {
    candidates[i].members = [members = families[i].members] {
      std::vector<Member> built;
      for (const Problem& member : members) built.push_back({.build = [member] { return member; }});
      return built;
    };
  }
  return candidates;
}

}  // namespace galvatron::search

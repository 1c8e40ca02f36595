#include "planner/import/galvatron_strategy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "planner/files/quantity.h"
#include "planner/files/reader.h"
#include "planner/plan/placement.h"
#include "planner/plan/structure.h"

namespace galvatron {
namespace {

inline constexpr NamedValues<Zero, 3> kDataTypes{
    {{Zero::none, "ddp"}, {Zero::gradients, "zero2"}, {Zero::parameters, "zero3"}}};
inline constexpr NamedValues<Schedule, 2> kPipelineTypes{
    {{Schedule::one_f_one_b, "pipedream_flush"}, {Schedule::gpipe, "gpipe"}}};

// "2,2,4"; empty and an error where it is no list of numbers of `count`.
std::vector<int> read_numbers(MapReader& reader, std::string_view key, std::size_t count) {
  const std::string text = reader.required<std::string>(key);
  std::vector<int> numbers;
  for (std::size_t begin = 0; begin <= text.size() && !text.empty();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const auto number = parse_integer(std::string_view(text).substr(begin, end - begin));
    if (!number || *number < 0 || *number > (1 << 20)) break;
    numbers.push_back(static_cast<int>(*number));
    begin = end + 1;
  }
  if (numbers.size() == count) return numbers;
  if (!text.empty()) {
    reader.refuse(key, fmt::format("must be {} numbers between commas, got \"{}\"", count, text));
  }
  return std::vector<int>(count, 1);
}

std::vector<int> read_flags(MapReader& reader, std::string_view key, std::size_t count,
                            int default_value) {
  if (reader.value(key) == nullptr) return std::vector<int>(count, default_value);
  return read_numbers(reader, key, count);
}

struct LayerChoice {
  int tensor = 1;
  int consecutive = 1;
  Zero zero = Zero::none;
  bool recomputes = false;
};

Strategy strategy_from(const LayerChoice& choice, int devices) {
  const int data = choice.tensor > 0 ? devices / choice.tensor : 0;
  const bool both_split = choice.tensor > 1 && data > 1;
  return {.tensor = choice.tensor,
          .data = data,
          .order = both_split && choice.consecutive == 0 ? Order::data_inner : Order::tensor_inner,
          .zero = data > 1 ? choice.zero : Zero::none,
          .recompute = choice.recomputes ? Recompute::full : Recompute::none};
}

// Blocks of each stage; without a division as many on each, the last of them has the rest.
std::vector<int> read_division(MapReader& reader, int stages, int blocks) {
  const auto count = static_cast<std::size_t>(stages);
  if (reader.value("pp_division") != nullptr) return read_numbers(reader, "pp_division", count);
  std::vector<int> division(count, blocks / stages);
  division.back() += blocks % stages;
  return division;
}

std::vector<StageRange> stages_of(const std::vector<int>& division) {
  std::vector<StageRange> stages;
  int first = 0;
  for (std::size_t stage = 0; stage < division.size(); ++stage) {
    const int ends = (stage == 0 ? 1 : 0) + (stage + 1 == division.size() ? 1 : 0);
    stages.push_back({.first_layer = first, .last_layer = first + division[stage] + ends - 1});
    first += division[stage] + ends;
  }
  return stages;
}

void read_strategies(MapReader& reader, Plan& plan, std::size_t blocks) {
  const int devices = devices_per_stage(plan);
  const Zero usual = reader.optional("default_dp_type", kDataTypes).value_or(Zero::none);
  const auto zero_of = [&](int sharded) { return sharded == 1 ? Zero::parameters : usual; };
  const std::vector<int> tensor = read_numbers(reader, "tp_sizes_enc", blocks);
  const std::vector<int> consecutive = read_flags(reader, "tp_consecutive_flags", blocks, 1);
  const std::vector<int> sharded = read_flags(reader, "dp_types_enc", blocks, 0);
  const std::vector<int> checkpoint = read_flags(reader, "checkpoint", blocks, 0);
  const std::vector<int> ulysses = read_flags(reader, "use_sp", blocks, 0);
  if (std::any_of(ulysses.begin(), ulysses.end(), [](int flag) { return flag != 0; })) {
    reader.refuse("use_sp", "must be 0 everywhere: plans have no Ulysses sequence parallelism");
  }
  const std::vector<int> context = read_flags(reader, "cp_sizes_enc", blocks, 1);
  if (std::any_of(context.begin(), context.end(), [](int ranks) { return ranks != 1; })) {
    reader.refuse("cp_sizes_enc", "must be 1 everywhere: plans have no context parallelism");
  }
  const LayerChoice ends{.tensor = reader.optional<int>("vtp", at_least(1)).value_or(1),
                         .zero = zero_of(reader.optional<int>("embed_sdp").value_or(0))};
  if (reader.optional<int>("vsp").value_or(0) != 0) {
    reader.refuse("vsp", "must be 0: plans have no Ulysses sequence parallelism");
  }
  if (reader.optional<int>("vcp").value_or(1) != 1) {
    reader.refuse("vcp", "must be 1: plans have no context parallelism");
  }
  plan.strategies.push_back(strategy_from(ends, devices));
  for (std::size_t block = 0; block < blocks; ++block) {
    plan.strategies.push_back(strategy_from({.tensor = tensor[block],
                                             .consecutive = consecutive[block],
                                             .zero = zero_of(sharded[block]),
                                             .recomputes = checkpoint[block] == 1},
                                            devices));
  }
  plan.strategies.push_back(strategy_from(ends, devices));
}

// What a field of every block is, between commas.
template <typename Value>
std::string by_block(const Plan& plan, Value value) {
  std::vector<int> numbers;
  for (std::size_t layer = 1; layer + 1 < plan.strategies.size(); ++layer) {
    numbers.push_back(value(plan.strategies[layer]));
  }
  return fmt::format("{}", fmt::join(numbers, ","));
}

[[noreturn]] void cannot_say(std::string_view what) {
  throw std::invalid_argument(fmt::format("Hetu-Galvatron's file cannot say {}", what));
}

// The one ZeRO stage of the blocks that are not sharded whole.
Zero usual_zero(const Plan& plan) {
  std::optional<Zero> usual;
  for (const Strategy& strategy : plan.strategies) {
    if (strategy.zero == Zero::parameters || strategy.data == 1) continue;
    if (strategy.zero == Zero::optimizer) cannot_say("ZeRO 1: it has ddp, zero2 and zero3");
    if (usual.value_or(strategy.zero) != strategy.zero) cannot_say("ZeRO 0 beside ZeRO 2");
    usual = strategy.zero;
  }
  return usual.value_or(Zero::none);
}

void check_can_say(const Plan& plan) {
  if (plan.priced_only != PricedOnly{}) cannot_say("what is priced only");
  for (const Strategy& strategy : plan.strategies) {
    const bool is_known =
        strategy.recompute == Recompute::none || strategy.recompute == Recompute::full;
    if (!is_known) cannot_say("any recomputation but full");
    if (strategy.sequence_parallel) cannot_say("sequence parallelism");
  }
  Strategy first = plan.strategies.front();
  first.recompute = plan.strategies.back().recompute;
  if (first != plan.strategies.back()) cannot_say("an embedding unlike the head");
}

}  // namespace

Plan read_galvatron_strategy(Source source, const StrategyTarget& target) {
  const LayerGraph graph = build_layer_graph(target.model);
  const auto blocks = static_cast<std::size_t>(layer_count(graph) - 2);
  const Document document = parse_json(std::move(source));
  ErrorList errors(document.source);
  MapReader reader(document.root, errors);
  Plan plan{.model = target.model, .job = {.precision = target.precision}};
  plan.devices = target.devices;
  const int stages = reader.required<int>("pp_deg", at_least(1));
  plan.job.global_batch = reader.required<std::int64_t>("global_bsz", at_least(1));
  plan.micro_batches = reader.required<std::int64_t>("chunks", at_least(1));
  plan.schedule = reader.optional("pipeline_type", kPipelineTypes).value_or(Schedule::one_f_one_b);
  errors.throw_if_any();
  plan.stages = stages_of(read_division(reader, stages, static_cast<int>(blocks)));
  read_strategies(reader, plan, blocks);
  reader.finish();
  for (const StructureProblem& problem : check_structure(plan, graph)) {
    if (!reader.has_errors()) errors.add(0, {"bad_plan", to_text(problem)});
  }
  errors.throw_if_any();
  return plan;
}

std::string galvatron_strategy(const Plan& plan) {
  check_can_say(plan);
  const Zero usual = usual_zero(plan);
  std::vector<int> division;
  for (const StageRange& stage : plan.stages) {
    division.push_back(stage.last_layer - stage.first_layer + 1);
  }
  --division.front();
  --division.back();
  const Strategy& ends = plan.strategies.front();
  const auto is_sharded = [](const Strategy& s) { return s.zero == Zero::parameters ? 1 : 0; };
  std::string text = "{\n";
  text += fmt::format("    \"pp_deg\": {},\n", pipeline_degree(plan));
  text += fmt::format("    \"tp_sizes_enc\": \"{}\",\n",
                      by_block(plan, [](const Strategy& s) { return s.tensor; }));
  text += fmt::format(
      "    \"tp_consecutive_flags\": \"{}\",\n",
      by_block(plan, [](const Strategy& s) { return s.order == Order::tensor_inner ? 1 : 0; }));
  text += fmt::format("    \"dp_types_enc\": \"{}\",\n", by_block(plan, is_sharded));
  text +=
      fmt::format("    \"use_sp\": \"{}\",\n", by_block(plan, [](const Strategy&) { return 0; }));
  text += fmt::format("    \"checkpoint\": \"{}\",\n", by_block(plan, [](const Strategy& s) {
                        return s.recompute == Recompute::full ? 1 : 0;
                      }));
  text += fmt::format("    \"global_bsz\": {},\n    \"chunks\": {},\n", plan.job.global_batch,
                      plan.micro_batches);
  text += fmt::format("    \"pp_division\": \"{}\",\n", fmt::join(division, ","));
  text += fmt::format("    \"pipeline_type\": \"{}\",\n    \"default_dp_type\": \"{}\",\n",
                      name_of(kPipelineTypes, plan.schedule), name_of(kDataTypes, usual));
  text += fmt::format("    \"vtp\": {},\n    \"vsp\": 0,\n    \"embed_sdp\": {}\n}}\n", ends.tensor,
                      is_sharded(ends));
  return text;
}

}  // namespace galvatron

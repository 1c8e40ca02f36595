#include "planner/cli/plan_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "planner/cli/quantity_text.h"
#include "planner/cli/table.h"
#include "planner/plan/runtime_space.h"

namespace galvatron {
namespace {

constexpr int kBarWidth = 24;

// Behind the schedule; empty for a plan that can be trained.
std::string priced_only_text(const PricedOnly& priced_only) {
  std::string text;
  const auto& [virtual_stages, context, shard_group] = priced_only;
  if (virtual_stages > 1) text += fmt::format(", {} chunks of each stage", virtual_stages);
  if (context > 1) text += fmt::format(", context {}", context);
  if (shard_group > 0) text += fmt::format(", shard groups of {}", shard_group);
  return text;
}

// Equal neighbours of one type and strategy stand in one row.
std::vector<Row> stage_rows(const Plan& plan, const LayerGraph& graph, int stage) {
  const auto index = static_cast<std::size_t>(stage);
  const StageRange range = plan.stages[index];
  const int devices = devices_per_stage(plan);
  std::vector<Row> rows;
  const auto same = [&](int a, int b) {
    return layer_at(graph, a).type == layer_at(graph, b).type &&
           plan.strategies[static_cast<std::size_t>(a)] ==
               plan.strategies[static_cast<std::size_t>(b)];
  };
  for (int first = range.first_layer; first <= range.last_layer;) {
    int last = first;
    while (last < range.last_layer && same(first, last + 1)) ++last;
    Row row(3);
    if (first == range.first_layer) {
      row = {fmt::format("{}", stage), range_text(stage * devices, (stage + 1) * devices - 1),
             seconds_text(plan.predicted.stages[index].seconds_per_micro_batch)};
    }
    row.insert(row.end(), {range_text(first, last), layer_at(graph, first).type,
                           strategy_text(plan.strategies[static_cast<std::size_t>(first)])});
    rows.push_back(row);
    first = last + 1;
  }
  return rows;
}

std::string stage_table(const Plan& plan, const LayerGraph& graph) {
  std::vector<Row> rows;
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    const std::vector<Row> added = stage_rows(plan, graph, stage);
    rows.insert(rows.end(), added.begin(), added.end());
  }
  return table_text({{"stage"},
                     {"devices"},
                     {"per micro-batch", Align::right},
                     {"layers", Align::right},
                     {"type"},
                     {"strategy"}},
                    rows);
}

std::string memory_bar(Bytes used, Bytes budget, const Terminal& terminal) {
  const double share =
      budget.value > 0 ? static_cast<double>(used.value) / static_cast<double>(budget.value) : 1.0;
  const int filled = std::clamp(static_cast<int>(std::lround(share * kBarWidth)), 0, kBarWidth);
  const Ink ink = share > 1 ? Ink::red : share > 0.9 ? Ink::yellow : Ink::green;
  std::string full;
  std::string rest;
  for (int i = 0; i < filled; ++i) full += "█";
  for (int i = filled; i < kBarWidth; ++i) rest += "░";
  return painted(terminal, ink, full) + painted(terminal, Ink::dim, rest);
}

std::string memory_parts(const MemoryParts& parts) {
  std::string text;
  for_each_field(parts, [&](std::string_view name, Bytes size) {
    if (size.value == 0) return;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, bytes_text(size));
  });
  return text;
}

std::string memory_lines(const Plan& plan, const Terminal& terminal) {
  const Bytes budget = plan.inputs ? plan.inputs->memory_budget : peak_bytes(plan);
  std::string text = plan.inputs
                         ? fmt::format("\nmemory per device, budget {}\n", bytes_text(budget))
                         : "\nmemory per device\n";
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    const MemoryParts& parts = plan.predicted.stages[static_cast<std::size_t>(stage)].memory;
    const Bytes used = total(parts);
    text += fmt::format("stage {:<3} {} {:>9}{}\n            {}\n", stage,
                        memory_bar(used, budget, terminal), bytes_text(used),
                        used > budget ? painted(terminal, Ink::red, "  does not fit") : "",
                        painted(terminal, Ink::dim, memory_parts(parts)));
  }
  return text;
}

std::string certificate_text(const Certificate& certificate) {
  if (certificate.optimal) return "proved optimal in its space";
  return fmt::format("within {:.3g} % of the optimum: no plan of its space takes less than {}",
                     certificate.gap * 100, seconds_text(certificate.lower_bound));
}

// Behind the step time: what it comes from.
std::string origin_of_step(const Plan& plan) {
  if (plan.inputs && plan.inputs->hardware.published) return " by the published cost model";
  if (plan.inputs && !has_rank_program(plan)) return " by the closed form";
  return fmt::format(" simulated, {} closed form", seconds_text(plan.predicted.closed_form));
}

}  // namespace

std::string range_text(int first, int last) {
  return first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
}

std::string plural(std::int64_t count, std::string_view word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : word.back() == 'h' ? "es" : "s");
}

std::string heading_text(const Plan& plan, const Terminal& terminal) {
  const std::int64_t samples = samples_per_micro_batch(plan);
  return fmt::format("{}: {}, global batch {}, sequence {}, {}\n{}, {} of {}, {} of {}{}\n",
                     painted(terminal, Ink::bold, plan.model.name), plural(plan.devices, "device"),
                     plan.job.global_batch, plan.model.sequence_length,
                     name_of(kPrecisionNames, plan.job.precision),
                     name_of(kScheduleNames, plan.schedule), plural(pipeline_degree(plan), "stage"),
                     plural(devices_per_stage(plan), "device"),
                     plural(plan.micro_batches, "micro-batch"), plural(samples, "sample"),
                     priced_only_text(plan.priced_only));
}

std::string strategy_text(const Strategy& strategy) {
  std::vector<std::string> words;
  if (strategy.tensor > 1) words.push_back(fmt::format("tensor {}", strategy.tensor));
  if (strategy.data > 1) words.push_back(fmt::format("data {}", strategy.data));
  if (strategy.order == Order::data_inner) words.emplace_back("data inner");
  if (strategy.zero != Zero::none) {
    words.push_back(fmt::format("ZeRO {}", static_cast<int>(strategy.zero)));
  }
  if (strategy.sequence_parallel) words.emplace_back("sequence parallel");
  if (strategy.recompute != Recompute::none) {
    words.push_back(fmt::format("recompute {}", name_of(kRecomputeNames, strategy.recompute)));
  }
  return words.empty() ? "one device" : fmt::format("{}", fmt::join(words, ", "));
}

std::string plan_text(const Plan& plan, const LayerGraph& graph, const Terminal& terminal) {
  const double samples = static_cast<double>(plan.job.global_batch);
  std::string text =
      heading_text(plan, terminal) + "\n" + stage_table(plan, graph) + memory_lines(plan, terminal);
  const std::string step = painted(terminal, Ink::bold, seconds_text(plan.predicted.step));
  text += fmt::format("\nstep {}{}, {} samples/s\n", step, origin_of_step(plan),
                      number3(samples / plan.predicted.step.value));
  if (plan.certificate) text += certificate_text(*plan.certificate) + "\n";
  return text;
}

}  // namespace galvatron

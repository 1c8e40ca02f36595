#include "planner/plan/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "planner/files/document.h"
#include "planner/files/quantity.h"
#include "planner/files/writer.h"
#include "planner/model/model_yaml.h"
#include "planner/plan/placement.h"
#include "planner/plan/plan_yaml.h"
#include "planner/plan/structure.h"

namespace galvatron {
namespace {

using Changes = std::vector<FieldChange>;
using Values = std::vector<std::pair<std::string, std::string>>;  // field, value as text

void append(Changes& changes, Changes more) {
  std::move(more.begin(), more.end(), std::back_inserter(changes));
}

const std::string* find_value(const Values& values, const std::string& field) {
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const auto& entry) { return entry.first == field; });
  return found == values.end() ? nullptr : &found->second;
}

// Fields in the order of `before`, then those that only `after` has.
Changes compare(const std::string& subject, const Values& before, const Values& after) {
  Changes changes;
  for (const auto& [field, value] : before) {
    const std::string* other = find_value(after, field);
    if (other != nullptr && *other == value) continue;
    changes.push_back({.subject = subject,
                       .field = field,
                       .before = value,
                       .after = other == nullptr ? "" : *other,
                       .change = ""});
  }
  for (const auto& [field, value] : after) {
    if (find_value(before, field) != nullptr) continue;
    changes.push_back(
        {.subject = subject, .field = field, .before = "", .after = value, .change = ""});
  }
  return changes;
}

// Every scalar of a document under its path: device.memory_gib, latency[0].
void add_scalars(const Node& node, const std::string& path, Values& values) {
  if (node.is_scalar()) values.emplace_back(path, node.text);
  for (const MapEntry& entry : node.entries) {
    add_scalars(entry.value, path.empty() ? entry.key : path + "." + entry.key, values);
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    add_scalars(node.items[i], fmt::format("{}[{}]", path, i), values);
  }
}

Values scalars_of(const std::string& yaml) {
  Values values;
  if (!yaml.empty()) add_scalars(parse_yaml(make_source("plan", yaml)).root, "", values);
  return values;
}

Values model_values(const Plan& plan) {
  YamlWriter out;
  write_model_yaml(out, plan.model);
  return scalars_of(out.text());
}

Values job_values(const Plan& plan) {
  const Job& job = plan.job;
  return {{"global_batch", std::to_string(job.global_batch)},
          {"precision", std::string(name_of(kPrecisionNames, job.precision))},
          {"clip_grad_norm", job.clip_grad_norm ? number_text(*job.clip_grad_norm) : "none"},
          {"dropout", job.dropout ? "true" : "false"}};
}

Values plan_values(const Plan& plan) {
  return {{"devices", std::to_string(plan.devices)},
          {"stages", std::to_string(pipeline_degree(plan))},
          {"micro_batches", std::to_string(plan.micro_batches)},
          {"schedule", std::string(name_of(kScheduleNames, plan.schedule))},
          {"virtual_stages", std::to_string(plan.priced_only.virtual_stages)},
          {"context", std::to_string(plan.priced_only.context)},
          {"shard_group", std::to_string(plan.priced_only.shard_group)}};
}

Values strategy_values(const Strategy& strategy) {
  return {{"tensor", std::to_string(strategy.tensor)},
          {"data", std::to_string(strategy.data)},
          {"order", std::string(name_of(kOrderNames, strategy.order))},
          {"zero", std::string(name_of(kZeroNames, strategy.zero))},
          {"sequence_parallel", strategy.sequence_parallel ? "true" : "false"},
          {"recompute", std::string(name_of(kRecomputeNames, strategy.recompute))}};
}

Values input_values(const Plan& plan) {
  Values values;
  if (!plan.inputs) return values;
  for (const InputSection& section : input_sections(*plan.inputs)) {
    for (auto& [field, value] : scalars_of(section.text)) {
      values.emplace_back(section.name + "." + field, std::move(value));
    }
  }
  return values;
}

// Changes of single layers with equal neighbours drawn together.
Changes compare_layers(const Plan& before, const Plan& after,
                       const std::function<Changes(int)>& changes_of_layer) {
  Changes changes;
  const int layers = static_cast<int>(std::min(before.strategies.size(), after.strategies.size()));
  for (int first = 0; first < layers;) {
    const Changes mine = changes_of_layer(first);
    int last = first;
    while (last + 1 < layers && changes_of_layer(last + 1) == mine) ++last;
    for (FieldChange change : mine) {
      change.subject = layers_text(first, last);
      changes.push_back(std::move(change));
    }
    first = last + 1;
  }
  return changes;
}

Changes compare_stages_of_layers(const Plan& before, const Plan& after) {
  return compare_layers(before, after, [&](int layer) {
    return compare("", {{"stage", std::to_string(stage_of(before, layer))}},
                   {{"stage", std::to_string(stage_of(after, layer))}});
  });
}

Changes compare_strategies(const Plan& before, const Plan& after) {
  return compare_layers(before, after, [&](int layer) {
    return compare("", strategy_values(strategy_of(before, layer)),
                   strategy_values(strategy_of(after, layer)));
  });
}

Changes compare_times(const FieldChange& where, Seconds before, Seconds after) {
  if (before == after) return {};
  FieldChange change = where;
  change.before = fmt::format("{:.6g} s", before.value);
  change.after = fmt::format("{:.6g} s", after.value);
  if (before.value > 0) change.change = fmt::format("{:+.2f} %", (after / before - 1) * 100);
  return {change};
}

Changes compare_sizes(const FieldChange& where, Bytes before, Bytes after) {
  if (before == after) return {};
  const auto mebibytes = [](Bytes size) {
    return static_cast<double>(size.value) / static_cast<double>(kMiB.value);
  };
  FieldChange change = where;
  change.before = fmt::format("{:.1f} MiB", mebibytes(before));
  change.after = fmt::format("{:.1f} MiB", mebibytes(after));
  change.change = fmt::format("{:+.1f} MiB", mebibytes(after - before));
  return {change};
}

FieldChange at(std::string subject, std::string field) {
  return {.subject = std::move(subject),
          .field = std::move(field),
          .before = "",
          .after = "",
          .change = ""};
}

Changes compare_predictions(const Plan& before, const Plan& after) {
  const Prediction& old = before.predicted;
  const Prediction& now = after.predicted;
  Changes changes = compare_times(at("predicted", "step"), old.step, now.step);
  append(changes, compare_times(at("predicted", "closed form"), old.closed_form, now.closed_form));
  if (old.stages.size() != now.stages.size()) {
    append(changes, compare_sizes(at("predicted", "memory of the largest stage"),
                                  peak_bytes(before), peak_bytes(after)));
    return changes;
  }
  for (std::size_t stage = 0; stage < old.stages.size(); ++stage) {
    const std::string subject = fmt::format("stage {}", stage);
    append(changes, compare_times(at(subject, "time per micro-batch"),
                                  old.stages[stage].seconds_per_micro_batch,
                                  now.stages[stage].seconds_per_micro_batch));
    append(changes, compare_sizes(at(subject, "memory"), total(old.stages[stage].memory),
                                  total(now.stages[stage].memory)));
  }
  return changes;
}

Values certificate_values(const Plan& plan) {
  if (!plan.certificate) return {};
  return {{"optimal", plan.certificate->optimal ? "true" : "false"},
          {"lower_bound_seconds", number_text(plan.certificate->lower_bound.value)},
          {"gap", number_text(plan.certificate->gap)}};
}

}  // namespace

std::vector<FieldChange> diff(const Plan& before, const Plan& after) {
  Changes changes = compare("model", model_values(before), model_values(after));
  append(changes, compare("job", job_values(before), job_values(after)));
  append(changes, compare("plan", plan_values(before), plan_values(after)));
  append(changes, compare_stages_of_layers(before, after));
  append(changes, compare_strategies(before, after));
  append(changes, compare_predictions(before, after));
  append(changes, compare("certificate", certificate_values(before), certificate_values(after)));
  append(changes, compare("inputs", input_values(before), input_values(after)));
  return changes;
}

}  // namespace galvatron

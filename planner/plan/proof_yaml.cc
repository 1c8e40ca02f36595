#include "planner/plan/proof_yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "planner/model/model_yaml.h"
#include "planner/plan/fingerprint.h"
#include "planner/plan/plan_yaml.h"

namespace galvatron {
namespace {

constexpr std::size_t kNumbersOfPrice = 3;
constexpr double kLargestPrice = 1e15;
constexpr Range kBatches = between(1, 1 << 24);

void write_prices(YamlWriter& out, const StagePrices& stage) {
  std::vector<double> numbers;
  for (const StagePrice& price : stage.prices) {
    numbers.insert(numbers.end(), {price.memory, price.optimizer, price.share});
  }
  out.field("stage", stage.stage);
  out.flow("prices", numbers);
}

void write_pair(YamlWriter& out, const PairProof& pair) {
  out.flow("pair", std::vector<std::int64_t>{pair.global_batch, pair.pipeline, pair.micro_batches});
  if (pair.member) out.field("member", *pair.member);
  out.field("bound_ps", pair.bound);
  if (!pair.cells.empty()) out.flow("cells_ps", pair.cells);
  if (pair.stages.empty()) return;
  out.list("stages", [&] {
    for (const StagePrices& stage : pair.stages) {
      out.item([&] { write_prices(out, stage); });
    }
  });
}

StagePrices read_prices(MapReader reader) {
  StagePrices stage{.stage = reader.required<int>("stage", at_least(0))};
  const std::vector<double> numbers =
      reader.required_list<double>("prices", between(0, kLargestPrice));
  if (numbers.size() % kNumbersOfPrice != 0) {
    reader.refuse("prices", fmt::format("must be {} numbers per price, got {}", kNumbersOfPrice,
                                        numbers.size()));
    return stage;
  }
  for (std::size_t at = 0; at < numbers.size(); at += kNumbersOfPrice) {
    const double share = numbers[at + 2];
    if (share > 1) {
      reader.refuse("prices", fmt::format("must have shares of at most 1, got {}", share));
    }
    stage.prices.push_back({.memory = numbers[at], .optimizer = numbers[at + 1], .share = share});
  }
  reader.finish();
  return stage;
}

PairProof read_pair(MapReader reader) {
  PairProof pair;
  const std::vector<std::int64_t> name = reader.required_list<std::int64_t>("pair", kBatches);
  if (name.size() == 3) {
    pair.global_batch = name[0];
    pair.pipeline = static_cast<int>(name[1]);
    pair.micro_batches = name[2];
  } else if (!reader.has_errors()) {
    reader.refuse("pair", "must be global batch, stages and micro-batches");
  }
  pair.member = reader.optional<int>("member", at_least(0));
  pair.bound = reader.required<std::int64_t>("bound_ps", at_least(0));
  pair.cells = reader.optional_list<std::int64_t>("cells_ps", at_least(0)).value_or(pair.cells);
  if (std::adjacent_find(pair.cells.begin(), pair.cells.end(), std::greater_equal<>()) !=
      pair.cells.end()) {
    reader.refuse("cells_ps", "must ascend");
  }
  for (MapReader& stage : reader.optional_maps("stages")) {
    pair.stages.push_back(read_prices(std::move(stage)));
  }
  reader.finish();
  return pair;
}

// What of the job is given, not decided.
std::string job_text(const Plan& plan) {
  YamlWriter out;
  out.field("devices", plan.devices);
  out.field("precision", name_of(kPrecisionNames, plan.job.precision));
  if (plan.job.clip_grad_norm) out.field("clip_grad_norm", *plan.job.clip_grad_norm);
  out.field("dropout", plan.job.dropout);
  return out.text();
}

std::string model_text(const Plan& plan) {
  YamlWriter out;
  write_model_yaml(out, plan.model);
  return out.text();
}

}  // namespace

void write_proof(YamlWriter& out, const Proof& proof) {
  out.field("bound_seconds", proof.bound.value);
  out.map("searched", [&] {
    for (const SearchedPart& part : proof.searched) out.field(part.name, part.hash);
  });
  out.flow("global_batches", proof.global_batches);
  out.list("pairs", [&] {
    for (const PairProof& pair : proof.pairs) {
      out.item([&] { write_pair(out, pair); });
    }
  });
}

Proof read_proof(MapReader& reader) {
  Proof proof{.bound = {reader.required<double>("bound_seconds", at_least(0))}};
  MapReader searched = reader.required_map("searched");
  for (const char* name : {"model", "job", "memory", "search", "hardware", "runtime"}) {
    proof.searched.push_back({.name = name, .hash = searched.required<std::string>(name)});
  }
  if (const auto profile = searched.optional<std::string>("profile")) {
    proof.searched.push_back({.name = "profile", .hash = *profile});
  }
  searched.finish();
  proof.global_batches = reader.required_list<std::int64_t>("global_batches", kBatches);
  for (MapReader& pair : reader.required_maps("pairs")) {
    proof.pairs.push_back(read_pair(std::move(pair)));
  }
  reader.finish();
  return proof;
}

std::vector<SearchedPart> searched_parts(const Plan& plan) {
  std::vector<SearchedPart> parts{{.name = "model", .hash = fingerprint(model_text(plan))},
                                  {.name = "job", .hash = fingerprint(job_text(plan))}};
  for (const InputSection& section : input_sections(*plan.inputs)) {
    parts.push_back({.name = section.name, .hash = fingerprint(section.text)});
  }
  return parts;
}

}  // namespace galvatron

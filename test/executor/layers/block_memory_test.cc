// What each block keeps and what its backward needs at its peak, against the tables that stand
// above the blocks (gpt2_blocks.cc, llama_blocks.cc). Elements per token; t = tensor degree.
#include "test/executor/layers/layer_run.h"

#undef CHECK
#include <algorithm>
#include <string>

#include "cost_models/memory.h"
#include "executor/communication/mpi_communicator.h"
#include "test/catch.h"

namespace galvatron {
namespace {

constexpr std::int64_t kHidden = 64;
constexpr std::int64_t kMlp = 256;
constexpr std::int64_t kHeads = 8;
constexpr std::int64_t kVocabulary = 1000;
constexpr std::int64_t kSequence = 32;

Model gpt2() {
  return {.name = "gpt2",
          .sequence_length = kSequence,
          .config = Gpt2Config{.vocabulary = kVocabulary,
                               .positions = kSequence,
                               .hidden = kHidden,
                               .layers = 2,
                               .heads = kHeads,
                               .mlp_width = kMlp,
                               .attention_dropout = 0}};
}

Model llama() {
  return {.name = "llama",
          .sequence_length = kSequence,
          .config = LlamaConfig{.vocabulary = kVocabulary,
                                .positions = kSequence,
                                .hidden = kHidden,
                                .layers = 2,
                                .heads = kHeads,
                                .key_value_heads = kHeads / 2,
                                .head_size = kHidden / kHeads,
                                .mlp_width = kMlp}};
}

// Widths of one token's activations under a strategy.
struct Widths {
  double hidden_held;      // h, or h/t under sequence parallelism
  double hidden_gathered;  // h under sequence parallelism only
  double hidden_split;     // h/t
  double mlp;              // f/t
  double heads;            // log-sum-exp
  double vocabulary;
  double statistic;  // one number per row held
};

Widths widths(const Strategy& strategy) {
  const double degree = strategy.tensor;
  const double held = strategy.sequence_parallel ? 1 / degree : 1;
  return {.hidden_held = kHidden * held,
          .hidden_gathered = strategy.sequence_parallel ? double{kHidden} : 0,
          .hidden_split = kHidden / degree,
          .mlp = kMlp / degree,
          .heads = kHeads / degree,
          .vocabulary = kVocabulary / degree,
          .statistic = held};
}

struct Expected {
  double saved = 0;  // besides the block's input
  double backward_peak = 0;
};

// Under full recomputation backward first brings back what the layer would have saved.
Expected full(const Expected& none) {
  return {.saved = 0, .backward_peak = none.saved + none.backward_peak};
}

Expected gpt2_block(const Widths& w, Recompute recompute) {
  const double always = 4 * w.statistic + 4 * w.hidden_split + w.heads + w.hidden_held + w.mlp;
  // With dropout's copy of the output's gradient.
  const double down = w.hidden_held + w.hidden_gathered + w.mlp;
  const Expected none{.saved = always + 2 * w.hidden_held + w.mlp, .backward_peak = down};
  switch (recompute) {
    case Recompute::none:
      return none;
    case Recompute::selective:
      return {.saved = always, .backward_peak = std::max(down, 2 * w.mlp)};
    case Recompute::full:
      return full(none);
    case Recompute::op:
      break;  // priced only
  }
  return {};
}

Expected llama_block(const Widths& w, Recompute recompute) {
  const double always = 2 * w.statistic + 3 * w.hidden_split + w.heads + w.hidden_held + 2 * w.mlp;
  const double down = w.hidden_gathered + w.mlp;
  const Expected none{.saved = always + 2 * w.hidden_held + w.mlp,
                      .backward_peak = std::max(down, 2 * w.mlp)};
  switch (recompute) {
    case Recompute::none:
      return none;
    case Recompute::selective:
      return {.saved = always, .backward_peak = std::max(down, 3 * w.mlp)};
    case Recompute::full:
      return full(none);
    case Recompute::op:
      break;  // priced only
  }
  return {};
}

Expected head(const Widths& w, double statistics, Recompute recompute) {
  constexpr double kTargets = 2;  // int64; gone before backward is at its largest
  const double always = statistics * w.statistic + w.vocabulary + kTargets;
  const double logits = w.hidden_gathered + w.hidden_held - kTargets;
  const Expected none{.saved = always + w.hidden_held, .backward_peak = logits};
  switch (recompute) {
    case Recompute::none:
      return none;
    case Recompute::selective:
      return {.saved = always, .backward_peak = logits};
    case Recompute::full:
      return full(none);
    case Recompute::op:
      break;  // priced only
  }
  return {};
}

Expected expected_of(const LayerCase& layer_case) {
  const Widths w = widths(layer_case.strategy);
  const Recompute recompute = layer_case.strategy.recompute;
  const std::string& type = layer_case.layer.type;
  if (type == "gpt2_block") return gpt2_block(w, recompute);
  if (type == "llama_block") return llama_block(w, recompute);
  return head(w, type == "gpt2_head" ? 2 : 1, recompute);
}

void check_memory(const LayerCase& layer_case) {
  TestGroup group(layer_case.strategy.tensor);
  run_layer(layer_case, group);  // whatever libraries allocate once
  const LayerRun run = run_layer(layer_case, group);
  const double bytes_per_element =
      4.0 * static_cast<double>(layer_case.samples * layer_case.layer.tokens_per_sample);
  const Expected expected = expected_of(layer_case);
  INFO(layer_case.layer.type << " tensor " << layer_case.strategy.tensor << " sequence parallel "
                             << layer_case.strategy.sequence_parallel << " recompute "
                             << name_of(kRecomputeNames, layer_case.strategy.recompute));
  CHECK(static_cast<double>(run.saved.value) / bytes_per_element == Approx(expected.saved));
  const double peak = static_cast<double>(run.backward_peak.value) / bytes_per_element;
  CHECK(peak >= expected.backward_peak);
  CHECK(peak <= expected.backward_peak * 1.04);  // sums over rows, masks of dropout
}

}  // namespace

TEST_CASE("blocks and heads keep and need what their tables say, to the byte") {
  for (const Model& model : {gpt2(), llama()}) {
    const std::vector<Layer> layers = layers_of(model);
    for (int tensor = 1; tensor <= mpi_world_size(); tensor *= 2) {
      for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full}) {
        for (const bool splits_tokens : {false, true}) {
          if (splits_tokens && tensor == 1) continue;
          const Strategy strategy{
              .tensor = tensor, .sequence_parallel = splits_tokens, .recompute = recompute};
          check_memory({.model = model, .layer = layers[1], .strategy = strategy, .samples = 8});
          check_memory({.model = model, .layer = layers[2], .strategy = strategy, .samples = 8});
        }
      }
    }
  }
}

// The planner's table counts what the layer is given as well: the first row.
void check_kept(const LayerCase& layer_case) {
  const Layer& layer = layer_case.layer;
  TestGroup alone(1);
  run_layer(layer_case, alone);  // whatever libraries allocate once
  const LayerRun run = run_layer(layer_case, alone);
  Layer without_input = layer;
  without_input.saved.erase(without_input.saved.begin());
  const LayerMemory charged =
      layer_memory(without_input, {.strategy = layer_case.strategy,
                                   .group_tokens = layer_case.samples * layer.tokens_per_sample});
  INFO(layer.type << " recompute " << name_of(kRecomputeNames, layer_case.strategy.recompute)
                  << ", samples " << layer_case.samples);
  const auto kept = static_cast<double>(run.saved.value);
  // What stands for a sample is charged in whole elements per token.
  CHECK(kept == Approx(static_cast<double>(charged.saved.value)).epsilon(0.02).margin(512));
}

TEST_CASE("bert, vit, t5 and swin keep what the planner charges") {
  for (const Model& model : {tiny_bert(), tiny_vit(), tiny_t5(), tiny_swin()}) {
    for (const Layer& layer : layers_of(model)) {
      for (const Strategy& strategy : {Strategy{}, Strategy{.recompute = Recompute::selective},
                                       Strategy{.recompute = Recompute::full}}) {
        for (const std::int64_t samples : {1, 8}) {
          check_kept({.model = model, .layer = layer, .strategy = strategy, .samples = samples});
        }
      }
    }
  }
}

}  // namespace galvatron

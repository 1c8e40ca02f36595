// Each layer of every family on every tensor degree that the ranks allow, against one process.
#include "test/executor/layers/layer_run.h"

#undef CHECK
#include <algorithm>
#include <stdexcept>
#include <string>

#include "cost_models/layer_collectives.h"
#include "executor/communication/mpi_communicator.h"
#include "test/catch.h"

namespace galvatron {
namespace {

std::vector<Strategy> strategies() {
  std::vector<Strategy> result;
  for (int tensor = 1; tensor <= mpi_world_size(); tensor *= 2) {
    for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full}) {
      result.push_back({.tensor = tensor, .recompute = recompute});
      if (tensor == 1) continue;
      result.push_back({.tensor = tensor, .sequence_parallel = true, .recompute = recompute});
    }
  }
  return result;
}

std::vector<LayerCase> cases() {
  std::vector<LayerCase> result;
  for (const Model& model :
       {tiny_gpt2(), tiny_llama(), tiny_bert(), tiny_vit(), tiny_t5(), tiny_swin()}) {
    for (const Layer& layer : layers_of(model)) {
      for (const Strategy& strategy : strategies()) {
        if (strategy.sequence_parallel && !layer.whole_tokens_reason.empty()) continue;
        // Of Swin a block that shifts.
        result.push_back({.model = model, .layer = layer, .strategy = strategy, .number = 1});
      }
    }
  }
  return result;
}

// Softmax does not see a shift common to all keys: their bias has a gradient of rounding noise.
bool is_noise(const Parameter& parameter) { return parameter.name.ends_with(".key.bias"); }

std::string text(const LayerCase& layer_case) {
  return layer_case.layer.type + " tensor " + std::to_string(layer_case.strategy.tensor) +
         (layer_case.strategy.sequence_parallel ? " sequence parallel " : " ") +
         std::string(name_of(kRecomputeNames, layer_case.strategy.recompute));
}

// The largest difference over the largest element.
double difference(const at::Tensor& actual, const at::Tensor& expected) {
  if (!expected.defined()) return actual.defined() ? 1 : 0;
  if (actual.sizes() != expected.sizes()) return 1;
  const double scale = expected.abs().max().item<double>();
  return actual.sub(expected).abs().max().item<double>() / std::max(scale, 1e-30);
}

std::vector<Collective> without_groups(const std::vector<LedgerEntry>& entries) {
  std::vector<Collective> result;
  for (const LedgerEntry& entry : entries) {
    result.push_back({.kind = entry.kind, .payload = entry.payload});
  }
  return result;
}

}  // namespace

TEST_CASE("every layer computes on a tensor group what it computes on one rank") {
  for (const LayerCase& layer_case : cases()) {
    TestGroup alone(1);
    LayerCase single = layer_case;
    single.strategy = {};
    const LayerRun expected = run_layer(single, alone);
    TestGroup group(layer_case.strategy.tensor);
    const LayerRun actual = run_layer(layer_case, group);

    INFO(text(layer_case));
    CHECK(difference(actual.output, expected.output) < 1e-5);
    CHECK(difference(actual.input_gradient, expected.input_gradient) < 1e-5);
    CHECK(actual.largest_padding_gradient == 0);
    for (std::size_t i = 0; i < expected.gradients.size(); ++i) {
      if (is_noise(layer_case.layer.parameters[i])) continue;
      INFO(layer_case.layer.parameters[i].name);
      CHECK(expected.gradients[i].abs().max().item<double>() > 0);
      CHECK(difference(actual.gradients[i], expected.gradients[i]) < 1e-5);
    }
  }
}

TEST_CASE("layers in bf16 with fp32 gradients stay near fp32") {
  for (LayerCase layer_case : cases()) {
    if (layer_case.strategy.tensor > 2) continue;
    TestGroup group(layer_case.strategy.tensor);
    const LayerRun expected = run_layer(layer_case, group);
    layer_case.type = at::kBFloat16;
    const LayerRun actual = run_layer(layer_case, group);

    INFO(text(layer_case));
    CHECK(difference(actual.output, expected.output) < 0.03);
    CHECK(difference(actual.input_gradient, expected.input_gradient) < 0.03);
    for (std::size_t i = 0; i < expected.gradients.size(); ++i) {
      if (is_noise(layer_case.layer.parameters[i])) continue;
      INFO(layer_case.layer.parameters[i].name);
      CHECK(actual.gradients[i].scalar_type() == at::kFloat);
      CHECK(difference(actual.gradients[i], expected.gradients[i]) < 0.03);
    }
  }
}

TEST_CASE("every layer communicates what the cost model charges") {
  for (const LayerCase& layer_case : cases()) {
    TestGroup group(layer_case.strategy.tensor);
    const LayerRun run = run_layer(layer_case, group);
    const LayerCollectives charged =
        layer_collectives(layer_case.layer, layout_of(layer_case.strategy),
                          layer_case.samples * layer_case.layer.tokens_per_sample, Precision::fp32);
    std::vector<Collective> backward = charged.backward;
    if (layer_case.strategy.recompute == Recompute::full) {
      backward.insert(backward.begin(), charged.forward.begin(), charged.forward.end());
    }
    INFO(text(layer_case));
    CHECK(without_groups(run.forward) == charged.forward);
    CHECK(without_groups(run.backward) == backward);
  }
}

TEST_CASE("attention dropout is refused by name unless all dropout is off") {
  Model model = tiny_gpt2();
  std::get<Gpt2Config>(model.config).attention_dropout = 0.1;
  CHECK_THROWS_WITH(blocks_of(model, Dropout::as_configured),
                    "attn_pdrop is 0.1: attention dropout is not executed, expected 0 "
                    "(--no-dropout turns all dropout off)");
  CHECK(blocks_of(model, Dropout::none).size() == 3);
}

TEST_CASE("a token id outside the vocabulary is refused") {
  TestGroup alone(1);
  LayerCase layer_case{.model = tiny_gpt2(), .layer = layers_of(tiny_gpt2()).at(0)};
  std::get<Gpt2Config>(layer_case.model.config).vocabulary = 20;  // ids are drawn below 37
  CHECK_THROWS_AS(run_layer(layer_case, alone), std::out_of_range);
}

}  // namespace galvatron

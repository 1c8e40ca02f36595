// Every layer of every family on a GPU against the same layer on the CPU, dropout included.
#include <algorithm>
#include <string>

#include "test/executor/kernels/gpu_numbers.h"
#include "test/executor/layers/layer_run.h"

#undef CHECK
#include "test/catch.h"

namespace galvatron {
namespace {

// A key's bias shifts all scores of a query alike, so that its gradient is what rounding leaves of
// numbers that cancel. In fp32; bf16 is allowed more anyway.
double allowed_of(const Parameter& parameter, double allowed) {
  const bool cancels = parameter.name.find("key.bias") != std::string::npos;
  return cancels ? std::max(allowed, 5e-4) : allowed;
}

void compare(const LayerCase& on_cpu, double allowed) {
  TestGroup alone(1);
  LayerCase on_gpu = on_cpu;
  on_gpu.device = at::kCUDA;
  const LayerRun expected = run_layer(on_cpu, alone);
  const LayerRun actual = run_layer(on_gpu, alone);
  CHECK(distance(actual.output, expected.output) < allowed);
  if (expected.input_gradient.defined()) {
    CHECK(distance(actual.input_gradient, expected.input_gradient) < allowed);
  }
  REQUIRE(actual.gradients.size() == expected.gradients.size());
  for (std::size_t i = 0; i < actual.gradients.size(); ++i) {
    const Parameter& parameter = on_cpu.layer.parameters[i];
    CAPTURE(parameter.name);
    CHECK(distance(actual.gradients[i], expected.gradients[i]) < allowed_of(parameter, allowed));
  }
}

}  // namespace

TEST_CASE("layers compute on a GPU what they compute on the CPU") {
  const Recompute recompute = GENERATE(Recompute::none, Recompute::selective, Recompute::full);
  for (const Model& model :
       {tiny_gpt2(), tiny_llama(), tiny_bert(), tiny_t5(), tiny_vit(), tiny_swin()}) {
    for (const Layer& layer : layers_of(model)) {
      for (const int number : {0, 1}) {  // odd blocks of Swin shift their windows
        CAPTURE(layer.type, number);
        compare({.model = model,
                 .layer = layer,
                 .strategy = {.recompute = recompute},
                 .number = number},
                1e-4);
      }
    }
  }
}

TEST_CASE("layers compute in bf16 on a GPU what they compute on the CPU") {
  for (const Model& model : {tiny_gpt2(), tiny_llama()}) {
    for (const Layer& layer : layers_of(model)) {
      CAPTURE(layer.type);
      compare({.model = model, .layer = layer, .type = at::kBFloat16}, 0.05);
    }
  }
}

}  // namespace galvatron

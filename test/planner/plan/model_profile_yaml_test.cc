#include "planner/plan/model_profile_yaml.h"

#include "planner/plan/layer_identity.h"
#include "test/catch.h"
#include "test/planner/files/temporary_folder.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

using Texts = std::vector<std::string>;

LayerGraph graph() { return build_layer_graph(tiny_gpt2(2)); }

TimingCurve curve(double first, double second) {
  TimingCurve times;
  append(times, {{first}, {first * 0.9}, {first * 1.5}, 12});
  append(times, {{second}, {second * 0.9}, {second * 1.5}, 7});
  return times;
}

ModelProfile profile() {
  ModelProfile profile{.model = "tiny",
                       .device = "CPU process",
                       .precision = Precision::fp32,
                       .origin = "measured: by hand, 2024-01-01"};
  for (const Layer& layer : graph().types) {
    profile.layers.push_back({.type = layer.type,
                              .identity = layer_identity(layer),
                              .samples = {1, 4},
                              .forward = curve(1e-3, 3e-3),
                              .backward = curve(2e-3, 7e-3),
                              .saved = {{1024}, {4096}},
                              .forward_peak = {{2048}, {8192}},
                              .backward_peak = {{512}, {2048}}});
  }
  profile.layers.front().selective = curve(1e-5, 0);
  return profile;
}

class ProfileFile {
 public:
  explicit ProfileFile(const std::string& text) { folder_.write("profile.yaml", text); }

  std::string path() const { return folder_.path("profile.yaml"); }

  Texts errors(const ProfiledJob& job) const {
    try {
      read_model_profile(path(), job);
    } catch (const SpecError& error) {
      Texts texts;
      for (const Diagnostic& diagnostic : error.diagnostics()) {
        texts.push_back(std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column) +
                        ": " + diagnostic.message);
      }
      return texts;
    }
    return {};
  }

 private:
  TemporaryFolder folder_;
};

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

Texts errors_of(const std::string& text) {
  const LayerGraph model = graph();
  return ProfileFile(text).errors({.graph = model});
}

TEST_CASE("a model profile reads back as it is written") {
  const std::string text = model_profile_yaml(profile());
  const LayerGraph model = graph();
  const ModelProfile read = read_model_profile(ProfileFile(text).path(), {.graph = model});
  CHECK(read == profile());
  CHECK(model_profile_yaml(read) == text);
}

TEST_CASE("lists of a profile must be as long as its samples, which ascend") {
  const std::string text = model_profile_yaml(profile());
  CHECK(errors_of(replaced(text, "samples: [1, 4]", "samples: [4, 1]")) ==
        Texts{"12:14: layers[0].samples must ascend from 1 or more"});
  CHECK(errors_of(replaced(text, "repetitions: [12, 7]", "repetitions: [12]")) ==
        Texts{"14:7: layers[0].forward must hold as many values as samples (2), all positive"});
}

TEST_CASE("a profile of another model or sequence length is refused where it says so") {
  const std::string text = model_profile_yaml(profile());
  const Layer first = graph().types.front();
  CHECK(errors_of(replaced(text, layer_identity(first), "fnv1a-0000000000000000")) ==
        Texts{"9:15: layers[0].identity is not that of the model's " + first.type + " of " +
              std::to_string(first.tokens_per_sample) +
              " tokens: another model was measured, or another sequence length"});
}

TEST_CASE("a profile of another precision, or without dropout, is refused") {
  const LayerGraph model = graph();
  const ProfileFile file(model_profile_yaml(profile()));
  CHECK(file.errors({.graph = model, .precision = Precision::bf16}) ==
        Texts{"4:12: precision must be the job's, bf16, got fp32"});
  CHECK(file.errors({.graph = model, .dropout = false}) ==
        Texts{"5:10: dropout must be the job's, false"});
}

TEST_CASE("a profile without any layer of the model is refused") {
  ModelProfile other = profile();
  for (ProfiledLayer& layer : other.layers) layer.type = "other_" + layer.type;
  const Texts errors = errors_of(model_profile_yaml(other));
  REQUIRE(errors.size() == 1);
  CHECK_THAT(errors[0], Catch::EndsWith("layers must hold a layer type of the model, have none"));
}

TEST_CASE("how weights are drawn does not make a layer another one, its sizes do") {
  Layer layer = graph().types.back();
  const std::string identity = layer_identity(layer);
  layer.parameters.front().initialization.deviation *= 2;
  CHECK(layer_identity(layer) == identity);
  layer.tokens_per_sample *= 2;
  CHECK(layer_identity(layer) != identity);
}

}  // namespace
}  // namespace galvatron

#include "planner/import/galvatron_model.h"

#include "planner/files/spec_error.h"
#include "planner/plan/profile_match.h"
#include "test/catch.h"
#include "test/planner/import/small_gpt2.h"

namespace galvatron {
namespace {

ImportedModelProfile read(const std::vector<std::string>& texts) {
  std::vector<Source> sources;
  for (const std::string& text : texts) sources.push_back(make_source("profile.json", text));
  return read_galvatron_model_profile(
      std::move(sources),
      {.model = small_gpt2(), .precision = Precision::bf16, .device = "A100", .origin = "theirs"});
}

TEST_CASE("times per sample become times of batches, backward twice forward") {
  const ModelProfile profile =
      read({R"({"layertype_0_bsz4_seq8": 2.5, "layertype_0_bsz1_seq8": 3})"}).profile;
  CHECK(profile.model == "small");
  CHECK(profile.precision == Precision::bf16);
  CHECK(profile.origin == "theirs");
  REQUIRE(profile.layers.size() == 1);
  const ProfiledLayer& layer = profile.layers.front();
  CHECK(layer.type == "gpt2_block");
  CHECK(layer.samples == std::vector<std::int64_t>{1, 4});
  CHECK(layer.forward.median[0].value == Approx(3e-3));
  CHECK(layer.forward.median[1].value == Approx(10e-3));
  CHECK(layer.backward.median[1].value == Approx(20e-3));
  CHECK_FALSE(layer.selective);
}

TEST_CASE("an imported profile is one of its model") {
  const LayerGraph graph = build_layer_graph(small_gpt2());
  const ModelProfile profile = read({R"({"layertype_0": 3})"}).profile;
  CHECK(profile_mismatch(profile, {.graph = graph, .precision = Precision::bf16}) ==
        ProfileMismatch{});
}

TEST_CASE("what forward keeps stands beside the times, for as many samples") {
  // 872 parameters of 4 bytes are 0.0033264 MiB.
  const std::string times = R"({"layertype_0_bsz1_seq8": 3, "layertype_0_bsz2_seq8": 3})";
  const std::string newer = R"({"layertype_0_sp": {"8": {"parameter_size": 0.0033264,
      "tp_activation_per_bsz_dict": {"1": 0.5, "2": 0.25, "checkpoint": 0.125}}},
      "other_memory_pp_off_sp": {"8": {}}})";
  const std::string older = R"({"layertype_0": {"parameter_size": 0.0033264,
      "tp_activation_per_bsz_dict": {"1": 0.5}}})";
  for (const std::string& memory : {newer, older}) {
    const ImportedModelProfile imported = read({times, memory});
    CHECK(imported.profile.layers.front().saved ==
          std::vector<Bytes>{Bytes{1 << 19}, Bytes{1 << 20}});
  }
  CHECK(read({times, older}).notes.empty());
  CHECK(
      read({times, newer}).notes ==
      std::vector<std::string>{
          "left out: other_memory_pp_off_sp (memory beside the layers, which plans count tensor "
          "by tensor)",
          "left out: tp_activation_per_bsz_dict.2 and 1 more (what is kept by tensor degrees that "
          "have no times)"});
}

TEST_CASE("what has no place is said") {
  const auto notes = [](const std::string& text) { return read({text}).notes; };
  CHECK(notes(R"({"layertype_0": 3, "layernum[2]_bsz1_seq8": 9, "layernum[4]_bsz1_seq8": 15})") ==
        std::vector<std::string>{"left out: layernum[2]_bsz1_seq8 and 1 more (times of whole "
                                 "steps, which those of layers are made of)"});
  CHECK(notes(R"({"layertype_0": 3, "layertype_other_bsz1_seq8": 9})") ==
        std::vector<std::string>{"left out: layertype_other_bsz1_seq8 (embedding and head as one, "
                                 "which are priced by the kernel laws)"});
  CHECK(notes(R"({"layertype_0_bsz1_seq8": 3, "layertype_0_bsz1_seq4": 1})") ==
        std::vector<std::string>{"left out: layers of 4 tokens (the model has 8: --sequence)"});
  CHECK(notes(R"({"layertype_0": 3, "layertype_0_sp": {"parameter_size": 1,
                  "tp_activation_per_bsz_dict": {"1": 1}}})") ==
        std::vector<std::string>{
            "parameter_size is 1.0 MiB, and gpt2_block has 0.0 MiB: is it another model?"});
}

std::string error_of(const std::string& text) {
  try {
    read({text});
  } catch (const SpecError& error) {
    return to_text(error.diagnostics().front());
  }
  return "";
}

TEST_CASE("what is wrong with a model's file is refused at its place") {
  const auto begins = [](const std::string& text, const std::string& expected) {
    INFO(error_of(text));
    return error_of(text).find(expected) == 0;
  };
  CHECK(begins("{\"layertype_0\": -3}",
               "profile.json:1:17: layertype_0 must be a positive number, got -3"));
  CHECK(begins("{\n\"layertype_1_bsz1\": 3}",
               "profile.json:2:1: layertype_1_bsz1 must be of a type of layer that small has: 1 of "
               "them have attention"));
  CHECK(
      begins("{\"layertype_zero\": 3}", "profile.json:1:2: unknown key layertype_zero, expected"));
  CHECK(begins("{\"layertype_0\": {\"parameter_size\": 3}}",
               "profile.json:1:17: must hold parameter_size, and tp_activation_per_bsz_dict with "
               "the key 1"));
  CHECK(begins("{\"layertype_0\": {\"many\": 3}}",
               "profile.json:1:18: many must be parameter_size, tp_activation_per_bsz_dict or a "
               "sequence length that has them"));
  CHECK(begins("{\"layertype_0_bsz1_seq4\": 3}",
               "profile.json: holds no time of a layer of 8 tokens: it has some of 4"));
  CHECK(begins("{\"model_config\": {}}",
               "profile.json: holds no time of a layer of 8 tokens: expected keys like "
               "layertype_0_bsz8_seq2048"));
  CHECK(begins("[1]", "profile.json:1:1: must be an object, got a list"));
}

}  // namespace
}  // namespace galvatron

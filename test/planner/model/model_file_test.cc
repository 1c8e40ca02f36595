#include "planner/model/model_file.h"

#include <filesystem>
#include <limits>

#include "planner/model/layer_graph.h"
#include "test/catch.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {
namespace {

std::int64_t parameters_of_example(const std::string& name) {
  const ModelReading reading = read_model(std::string(GALVATRON_EXAMPLES) + "/" + name);
  return parameter_count(build_layer_graph(reading.model));
}

TEST_CASE("a model is read by the ending of its file") {
  const TemporaryFolder folder;
  const std::string yaml = folder.write(
      "mine.yaml",
      "family: gpt2\nsequence_length: 8\nvocabulary: 16\npositions: 8\nhidden: 4\nlayers: 1\n"
      "heads: 1\n");
  const std::string json = folder.write("other.json", "{\"model_type\": \"llama\", \"x\": 1}");
  CHECK(std::get<Gpt2Config>(read_model(yaml).model.config).hidden == 4);
  CHECK(read_model(yaml).warnings.empty());
  CHECK(std::get<LlamaConfig>(read_model(json).model.config) == LlamaConfig{});
  CHECK(read_model(json).warnings.size() == 1);
}

TEST_CASE("a model without a name is called after its file, a config.json after its folder") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("gpt2-xl"));
  const std::string gpt2 = "{\"model_type\": \"gpt2\"}";
  CHECK(read_model(folder.write("gpt2-xl/config.json", gpt2)).model.name == "gpt2-xl");
  CHECK(read_model(folder.write("small.json", gpt2)).model.name == "small");
}

TEST_CASE("the most positions are the model's; a user's own model has no limit") {
  CHECK(most_positions({.config = Gpt2Config{.positions = 77}}) == 77);
  CHECK(most_positions({.config = LlamaConfig{.positions = 99}}) == 99);
  CHECK(most_positions({.config = UserModel{}}) == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("the examples are the models they say they are") {
  CHECK(parameters_of_example("gpt2/gpt2_1.5b.yaml") == 1557611200);
  CHECK(parameters_of_example("llama/llama2_7b.yaml") == 6738415616);
  // Tables 256 x 128 and 128 x 128, four blocks of 12 h^2 + 13 h, a norm of 2 h.
  CHECK(parameters_of_example("gpt2/tiny.yaml") ==
        (256 + 128) * 128 + 4 * (12 * 128 * 128 + 13 * 128) + 2 * 128);
  // Two tables, four blocks of q, o (h^2), k, v (h^2 / 2), mlp 3 h f, norms 2 h; a norm of h.
  CHECK(parameters_of_example("llama/tiny.yaml") ==
        2 * 256 * 128 + 4 * (3 * 128 * 128 + 3 * 128 * 352 + 2 * 128) + 128);
}

TEST_CASE("the tiny examples train without dropout") {
  const ModelReading tiny = read_model(std::string(GALVATRON_EXAMPLES) + "/gpt2/tiny.yaml");
  const auto& config = std::get<Gpt2Config>(tiny.model.config);
  CHECK(config.embedding_dropout + config.residual_dropout + config.attention_dropout == 0);
}

}  // namespace
}  // namespace galvatron

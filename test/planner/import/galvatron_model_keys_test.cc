#include "planner/import/galvatron_model_keys.h"

#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("a layer's key says its type, samples and tokens") {
  CHECK(galvatron_layer_key("layertype_1_bsz8_seq2048") == GalvatronLayerKey{1, 8, 2048});
  CHECK(galvatron_layer_key("layertype_0_bsz8") == GalvatronLayerKey{.type = 0, .samples = 8});
  CHECK(galvatron_layer_key("layertype_2") == GalvatronLayerKey{.type = 2});
  CHECK(galvatron_layer_key("layertype_0_sp") == GalvatronLayerKey{});
}

TEST_CASE("other keys are no layer's") {
  for (const char* key : {"layertype_", "layertype_a", "layertype_0_bsz", "layertype_0_bsz0",
                          "layertype_0_seq", "layertype_0_tp", "layertype_other_bsz1", "pp_deg"}) {
    CAPTURE(key);
    CHECK_FALSE(galvatron_layer_key(key));
  }
}

TEST_CASE("known keys without a place have a reason, unknown ones none") {
  for (const char* key : {"layernum[2]_bsz1_seq8", "layertype_other_bsz1", "model_config", "1_1_8",
                          "other_memory_pp_on_first"}) {
    CAPTURE(key);
    CHECK_FALSE(left_out_because(key).empty());
    CHECK(tells_of_a_model(key));
  }
  CHECK(left_out_because("overlap_coe").empty());
  CHECK_FALSE(tells_of_a_model("overlap_coe"));
  CHECK(tells_of_a_model("layertype_0"));
}

}  // namespace
}  // namespace galvatron

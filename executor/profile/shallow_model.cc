#include "executor/profile/shallow_model.h"

#include <algorithm>

namespace galvatron {
namespace {

struct Shorten {
  std::int64_t layers;

  template <typename Config>
  void operator()(Config& config) const {
    config.layers = std::min(config.layers, layers);
  }
  void operator()(T5Config& config) const {
    config.encoder_layers = std::min(config.encoder_layers, layers);
    config.decoder_layers = std::min(config.decoder_layers, layers);
  }
  void operator()(SwinConfig& config) const {
    for (std::int64_t& depth : config.depths) depth = std::min(depth, layers);
  }
  void operator()(UserModel&) const {}
};

}  // namespace

Model shallow_model(Model model, std::int64_t layers) {
  std::visit(Shorten{layers}, model.config);
  return model;
}

}  // namespace galvatron

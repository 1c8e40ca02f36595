// Values other than tensors that a Function's forward leaves for its backward.
#pragma once

#include <torch/csrc/autograd/custom_function.h>

#include <utility>

namespace galvatron {

template <typename T>
struct HeldState : torch::CustomClassHolder {
  explicit HeldState(T held) : value(std::move(held)) {}
  T value;
};

template <typename T>
void hold(torch::autograd::AutogradContext* context, T value) {
  context->saved_data["held"] =
      c10::IValue::make_capsule(c10::make_intrusive<HeldState<T>>(std::move(value)));
}

// Once only: what the value owns is freed with it.
template <typename T>
T take_held(torch::autograd::AutogradContext* context) {
  const auto capsule = context->saved_data.at("held").toCapsule();
  context->saved_data.clear();
  return std::move(static_cast<HeldState<T>&>(*capsule).value);
}

}  // namespace galvatron

module brio/bench

go 1.19

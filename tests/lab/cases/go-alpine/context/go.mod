module example.com/zone

go 1.19

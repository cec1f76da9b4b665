module caramelo.example/booking

go 1.18

// Step 1: the simplest booking that works. Publishes one request, waits for its outcome and prints it.
//
//	go get github.com/rabbitmq/amqp091-go     # in this file's module
//	go run ./simplest [DESTINATION [AGE]]
//
// or, with Debian's packages golang-go and golang-github-rabbitmq-amqp091-go-dev:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run simplest/main.go [DESTINATION [AGE]]
//
// AMQP_URL names the broker. The exit status is 0 when the booking is confirmed, else 1.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

type request struct {
	RequestID     string `json:"request_id"`
	PassengerName string `json:"passenger_name"`
	PassengerAge  int    `json:"passenger_age"`
	Email         string `json:"email"`
	Destination   string `json:"destination"`
	HasPet        bool   `json:"has_pet"`
}

type outcome struct {
	Status        string
	Reason        string
	Code          string
	Problems      []struct{ Field, Problem string }
	BookingNumber int    `json:"booking_number"`
	TotalPrice    int    `json:"total_price"`
	Currency      string `json:"currency"`
}

func main() {
	log.SetFlags(0)
	id := make([]byte, 16)
	rand.Read(id)
	booking := request{fmt.Sprintf("%x", id), "Juan Pérez", 9, "juan@example.com", "San Andrés", true}
	if len(os.Args) > 1 {
		booking.Destination = os.Args[1]
	}
	if len(os.Args) > 2 {
		age, err := strconv.Atoi(os.Args[2])
		check(err)
		booking.PassengerAge = age
	}
	body, err := json.Marshal(booking)
	check(err)

	url := os.Getenv("AMQP_URL")
	if url == "" {
		url = "amqp://guest:guest@127.0.0.1:5672/"
	}
	connection, err := amqp.Dial(url)
	check(err)
	defer connection.Close()
	channel, err := connection.Channel()
	check(err)
	returned := channel.NotifyReturn(make(chan amqp.Return, 1))
	queue, err := channel.QueueDeclare("", false, false, true, false, nil) // exclusive
	check(err)
	replies, err := channel.Consume(queue.Name, "", true, true, false, false, nil)
	check(err)

	const mandatory, immediate = true, false
	message := amqp.Publishing{
		ContentType:   "application/json",
		DeliveryMode:  amqp.Persistent,
		MessageId:     booking.RequestID,
		CorrelationId: booking.RequestID,
		ReplyTo:       queue.Name,
		Body:          body,
	}
	check(channel.PublishWithContext(context.Background(), "bookings", "booking.request", mandatory, immediate, message))

	select {
	case reply, open := <-replies:
		if !open {
			log.Fatal("the connection is lost")
		}
		var answer outcome
		check(json.Unmarshal(reply.Body, &answer))
		if answer.Status != "confirmed" {
			log.Fatal(answer.Status, " ", answer.Reason, answer.Code, " ", answer.Problems)
		}
		fmt.Printf("confirmed: booking %d, %.2f %s\n", answer.BookingNumber, float64(answer.TotalPrice)/100, answer.Currency)
	case back := <-returned:
		log.Fatal("no queue takes the request: ", back.ReplyText)
	case <-time.After(30 * time.Second):
		log.Fatal("no outcome within 30 s")
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

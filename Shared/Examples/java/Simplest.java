// Step 1: the simplest booking that works. Publishes one request, waits for its outcome and prints it.
//
//     apt-get install default-jdk-headless librabbitmq-client-java libslf4j-java libgoogle-gson-java
//     jars=/usr/share/java
//     export CLASSPATH=$jars/amqp-client.jar:$jars/slf4j-api.jar:$jars/slf4j-nop.jar:$jars/gson.jar
//     java Simplest.java [DESTINATION [AGE]]
//
// With Maven or Gradle: com.rabbitmq:amqp-client:5.+ and com.google.code.gson:gson:2.+. Java 11 or newer.
// AMQP_URL names the broker. The exit status is 0 when the booking is confirmed, else 1.

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

public class Simplest {
    public static void main(String[] arguments) throws Exception {
        String id = UUID.randomUUID().toString();
        // Escaped, since before Java 18 the encoding of sources depends on the locale.
        JsonObject request = new JsonObject();
        request.addProperty("request_id", id);
        request.addProperty("passenger_name", "Juan P\u00e9rez");
        request.addProperty("passenger_age", arguments.length > 1 ? Integer.parseInt(arguments[1]) : 9);
        request.addProperty("email", "juan@example.com");
        request.addProperty("destination", arguments.length > 0 ? arguments[0] : "San Andr\u00e9s");
        request.addProperty("has_pet", true);

        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(System.getenv().getOrDefault("AMQP_URL", "amqp://guest:guest@127.0.0.1:5672/"));
        if (factory.getVirtualHost().isEmpty()) {
            factory.setVirtualHost("/"); // what a URL that ends in "/" means
        }

        BlockingQueue<String> answers = new ArrayBlockingQueue<>(10);
        String answer;
        try (Connection connection = factory.newConnection()) {
            Channel channel = connection.createChannel();
            channel.addReturnListener((code, text, exchange, key, properties, body) ->
                    answers.add("{\"status\": \"returned\", \"reason\": \"" + text + "\"}"));
            String replyQueue = channel.queueDeclare().getQueue(); // exclusive
            channel.basicConsume(replyQueue, true,
                    (tag, reply) -> answers.add(new String(reply.getBody(), StandardCharsets.UTF_8)), tag -> { });

            channel.confirmSelect();
            AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder()
                    .contentType("application/json")
                    .deliveryMode(2) // persistent
                    .messageId(id)
                    .correlationId(id)
                    .replyTo(replyQueue)
                    .build();
            boolean mandatory = true;
            channel.basicPublish("bookings", "booking.request", mandatory, properties,
                    request.toString().getBytes(StandardCharsets.UTF_8));
            channel.waitForConfirmsOrDie(10_000);
            answer = answers.poll(30, TimeUnit.SECONDS);
        }

        if (answer == null) {
            System.err.println("no outcome within 30 s");
            System.exit(1);
        }
        JsonObject outcome = JsonParser.parseString(answer).getAsJsonObject();
        if (!outcome.has("status") || !outcome.get("status").getAsString().equals("confirmed")) {
            System.err.println(answer);
            System.exit(1);
        }
        System.out.printf("confirmed: booking %d, %.2f %s%n", outcome.get("booking_number").getAsLong(),
                outcome.get("total_price").getAsLong() / 100.0, outcome.get("currency").getAsString());
    }
}
